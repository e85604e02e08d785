import { addressHex, groupedHex } from '../bits/index.ts';
import { KvmSpte } from './spte.ts';
import { FULL_VECTOR, permitsWrite, subPageNumbers } from './vector.ts';

/** Words and vectors as a trace shows them: the number, and what it says. */

const rightLetters = (spte: bigint): string => {
  const { read, write, execute } = KvmSpte.decode(spte);
  return `${read ? 'R' : '-'}${write ? 'W' : '-'}${execute ? 'X' : '-'}`;
};

/** `0x2000_0000_401f_fc75 (R-X SPP)`, or `0` for an entry that maps nothing. */
export function leafText(spte: bigint): string {
  if (spte === 0n) return '0 (not mapped)';
  const { mapsPage, subPageWrite, sppSaved, special } = KvmSpte.decode(spte);
  const marks = [
    rightLetters(spte),
    ...(mapsPage ? ['2M'] : []),
    ...(subPageWrite ? ['SPP'] : []),
    ...(sppSaved ? ['SPP saved'] : []),
    ...(special ? ['access-tracked'] : []),
  ];
  return `${groupedHex(spte)} (${marks.join(' ')})`;
}

/** `0x7fffffff (denies 31)`. */
export function vectorText(vector: number): string {
  if (vector === FULL_VECTOR) return '0xffffffff (not protected)';
  const denied = subPageNumbers.filter(i => !permitsWrite(vector, i));
  const list = denied.length === 32 ? 'all' : denied.join(', ');
  return `${addressHex(BigInt(vector)).replace(/^0x/, '0x'.padEnd(10 - vector.toString(16).length, '0'))} (denies ${list})`;
}
