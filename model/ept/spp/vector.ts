import { SppVector } from './entry.ts';

const subPages = Array.from({ length: 32 }, (_, i) => i);

/**
 * The L1E of a 32-bit access map, in which bit i says that sub-page i may be written: bit i goes to bit 2i.
 *
 * @throws RangeError for a number that is not an unsigned 32-bit one.
 */
export function spreadVector(accessMap: number): bigint {
  if (accessMap !== accessMap >>> 0) throw new RangeError(`${accessMap} is not a 32-bit access map`);
  return SppVector.encode(
    Object.fromEntries(
      subPages.map(i => [`subPage${i}`, Math.floor(accessMap / 2 ** i) % 2 === 1] as const),
    ),
  );
}

/** The 32-bit access map of an L1E. Its reserved odd bits are left out. */
export const gatherVector = (vector: bigint): number =>
  subPages.reduce((map, i) => (SppVector.get(vector, `subPage${i}`) ? map + 2 ** i : map), 0);
