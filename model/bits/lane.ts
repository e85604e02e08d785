import type { Field } from './field.ts';
import { maskOf } from './mask.ts';

/** A 64-bit word as two unsigned 32-bit halves, for loops in which a bigint would be too slow. */
export interface Lanes {
  readonly low: number;
  readonly high: number;
}

/** The two halves of a word. */
export const lanesOf = (word: bigint): Lanes => ({
  low: Number(BigInt.asUintN(32, word)),
  high: Number(BigInt.asUintN(32, word >> 32n)),
});

/** The word that two halves make. */
export const wordOf = (low: number, high: number): bigint =>
  (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** The bits of a field in each half, as signed 32-bit masks for `&`. */
export function laneMask(field: Pick<Field, 'hi' | 'lo'>): Lanes {
  const { low, high } = lanesOf(maskOf(field));
  return { low: low | 0, high: high | 0 };
}

/**
 * Reads one field of at most 32 bits from the two halves of a word: the table's own view for hot loops. A `bit`
 * reads as 0 or 1.
 */
export function lane(field: Pick<Field, 'hi' | 'lo'>): (low: number, high: number) => number {
  const { hi, lo } = field;
  const width = hi - lo + 1;
  if (width > 32) throw new RangeError(`bits ${hi}:${lo} do not fit one 32-bit number`);
  const mask = width === 32 ? -1 : (1 << width) - 1;
  if (lo >= 32) return (_low, high) => ((high >>> (lo - 32)) & mask) >>> 0;
  if (hi < 32) return low => ((low >>> lo) & mask) >>> 0;
  return (low, high) => (((low >>> lo) | (high << (32 - lo))) & mask) >>> 0;
}
