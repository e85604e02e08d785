import type { Field } from './field.ts';

/** The bits `hi:lo` of a word. */
export const maskOf = ({ hi, lo }: Pick<Field, 'hi' | 'lo'>): bigint =>
  ((1n << BigInt(hi - lo + 1)) - 1n) << BigInt(lo);
