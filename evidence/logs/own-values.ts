/** The values in our own lines, as the snippet prints them: `undefined` for what it never prints. */

import type { AddressRange, Prot, Vm } from '../../model/pkvm/index.ts';

/** A 64-bit number: `0x` and hex digits. Digits alone are refused: nobody can tell which they are. */
export const wordOf = (text: string): bigint | undefined =>
  /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt(text) : undefined;

/** A decimal number of at most 15 digits, without leading zeros. */
export const idOf = (text: string): number | undefined =>
  /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;

/** What a call returned, as `%d` prints it. */
export const returnOf = (text: string): number | undefined =>
  /^(?:0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined;

/** `0x0-0x200000`, the end exclusive. */
export function rangeOf(text: string): AddressRange | undefined {
  const [first = '', last = '', ...rest] = text.split('-');
  const [start, end] = [wordOf(first), wordOf(last)];
  return start === undefined || end === undefined || end <= start || rest.length > 0
    ? undefined
    : { start, end };
}

/** A guest as a line describes it; nobody may have said its kind. */
export interface OwnVm {
  readonly id: number;
  readonly kind: Vm['kind'] | 'unknown';
}

const kinds: Readonly<Record<string, Vm['kind']>> = {
  protected: 'protected',
  normal: 'normal',
  any: 'unspecified',
};

/** `2:protected`; a sentence on what is wrong otherwise. */
export function kindOf(text: string): OwnVm | string {
  const [digits = '', word, ...rest] = text.split(':');
  const id = idOf(digits);
  const kind = word === undefined ? 'unknown' : kinds[word];
  return id === undefined || kind === undefined || rest.length > 0
    ? `vm=${JSON.stringify(text.slice(0, 40))}: expected an id and a kind such as 2:protected, 3:normal or 4:any`
    : { id, kind };
}

/** Bit 0 read, bit 1 write, bit 2 execute. */
export function grantOf(text: string): Prot | undefined {
  const digit = /^0x([0-7])$/.exec(text)?.[1];
  if (digit === undefined) return undefined;
  const bits = Number(digit);
  return { read: bits % 2 === 1, write: Math.floor(bits / 2) % 2 === 1, execute: bits >= 4 };
}
