import type { Action, Value } from '../../checker/index.ts';
import { conditionsOf, passedArgs } from '../../graphs/call-text.ts';

/** A value as an engineer writes it: addresses and words in hexadecimal, small numbers as they are. */
const valueText = (value: Value): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);

/**
 * The arguments of a call that say something (one whole page is what every call is about unless it says otherwise),
 * and under which conditions it is made: `with`, `no table pages left`.
 */
export function argumentsOf(action: Pick<Action, 'args'>): (readonly [string, string])[] {
  const passed = passedArgs(action)
    .filter(([key, value]) => !(key === 'size' && value === 0x1000n))
    .map(([key, value]) => [key, valueText(value)] as const);
  return [...passed, ...conditionsOf(action).map(condition => ['with', condition] as const)];
}

/** `host_share_guest(hpa 0x3000, vm 3)`. */
export const callText = (action: Action): string =>
  `${action.name}(${argumentsOf(action)
    .map(pair => pair.join(' '))
    .join(', ')})`;
