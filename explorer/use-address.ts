import { useEffect, useState } from 'preact/hooks';
import { type Address, formatAddress, parseAddress } from './address.ts';

/** Where to go, and whether the step stays out of the browser's history: a filter typed, a walk edited. */
export type Go = (to: Address, how?: 'quietly') => void;

/** The view that the page's fragment names, and the way to another. */
export function useAddress(): readonly [Address, Go] {
  const [address, setAddress] = useState(() => parseAddress(location.hash));
  useEffect(() => {
    const follow = (): void => setAddress(parseAddress(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const go: Go = (to, how) => {
    const fragment = formatAddress(to);
    if (how === 'quietly') history.replaceState(null, '', fragment);
    else if (fragment !== location.hash) history.pushState(null, '', fragment);
    setAddress(to);
  };
  return [address, go];
}
