import type { Action, Value } from '../../checker/index.ts';

/** A value as an engineer writes it: addresses and words in hexadecimal, small numbers as they are. */
export const valueText = (value: Value): string =>
  typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);

/** The arguments of a call that say something: one whole page is what every call is about unless it says otherwise. */
export function argumentsOf({ args }: Pick<Action, 'args'>): (readonly [string, string])[] {
  return Object.entries(args)
    .filter(([key, value]) => !(key === 'size' && value === 0x1000n))
    .map(([key, value]) => [key, valueText(value)]);
}

/** `host_share_guest(hpa 0x3000, vm 3)`. */
export const callText = (action: Action): string =>
  `${action.name}(${argumentsOf(action)
    .map(pair => pair.join(' '))
    .join(', ')})`;
