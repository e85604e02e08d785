import type { Source } from '../citation.ts';

/**
 * A field of a 64-bit word: where it lies, what it means to the reader of the word, and its value's type.
 * `ignored` bits mean nothing; `reserved` bits must be zero. They are different answers and never share a name.
 */
export type Role = 'value' | 'ignored' | 'reserved';

/** A field as a person reads it: what it is called, what each value of it says, and where that is written. */
export interface FieldWords<T> {
  readonly title: string;
  readonly source: Source;
  says(value: T): string;
}

export interface Field<T = unknown, R extends Role = Role> {
  readonly hi: number;
  readonly lo: number;
  readonly role: R;
  /** Whether the bits above the processor's physical-address width are reserved in this field. */
  readonly isAddress: boolean;
  readonly words?: FieldWords<T>;
  /** From the field's bits, shifted down to bit 0, to its value. */
  read(raw: bigint): T;
  /** From the value to the field's bits, shifted down to bit 0. */
  write(value: T): bigint;
}

function check(hi: number, lo: number): void {
  if (!Number.isInteger(hi) || !Number.isInteger(lo) || lo < 0 || hi > 63 || hi < lo) {
    throw new RangeError(`bits ${hi}:${lo} do not lie in a 64-bit word`);
  }
}

function make<T, R extends Role>(
  place: { hi: number; lo: number; role: R; isAddress?: boolean },
  read: (raw: bigint) => T,
  write: (value: T) => bigint,
): Field<T, R> {
  check(place.hi, place.lo);
  return { ...place, isAddress: place.isAddress ?? false, read, write };
}

/** One bit, as a boolean. */
export const bit = (at: number): Field<boolean, 'value'> =>
  make(
    { hi: at, lo: at, role: 'value' },
    raw => raw === 1n,
    value => (value ? 1n : 0n),
  );

/** The field with its words. */
export const inWords = <T, R extends Role>(
  field: Field<T, R>,
  title: string,
  source: Source,
  says: (value: T) => string,
): Field<T, R> => ({ ...field, words: { title, source, says } });

/** One bit, with what it says when it is 1 and when it is 0. */
export const flag = (
  at: number,
  title: string,
  source: Source,
  [set, clear]: readonly [set: string, clear: string],
): Field<boolean, 'value'> => inWords(bit(at), title, source, value => (value ? set : clear));

/** A small unsigned number of at most 32 bits. */
export function bits(hi: number, lo: number): Field<number, 'value'> {
  if (hi - lo > 31) throw new RangeError(`bits ${hi}:${lo} do not fit a number; use wide()`);
  return make({ hi, lo, role: 'value' }, Number, BigInt);
}

/** An unsigned number of any width, as a bigint. */
export const wide = (hi: number, lo: number): Field<bigint, 'value'> =>
  make(
    { hi, lo, role: 'value' },
    raw => raw,
    value => value,
  );

/**
 * A physical address whose low bits are implied zero: bits `hi:lo` of the word are bits `hi:lo` of the address.
 * The value is the byte address. Bits at or above the physical-address width are reserved: see `beyondWidth`.
 */
export const address = (hi: number, lo: number): Field<bigint, 'value'> =>
  make(
    { hi, lo, role: 'value', isAddress: true },
    raw => raw << BigInt(lo),
    value => value >> BigInt(lo),
  );

/** Bits that the reader of the word does not look at. */
export const ignored = (hi: number, lo: number = hi): Field<bigint, 'ignored'> =>
  make(
    { hi, lo, role: 'ignored' },
    raw => raw,
    value => value,
  );

/** Bits that must be zero. */
export const reserved = (hi: number, lo: number = hi): Field<bigint, 'reserved'> =>
  make(
    { hi, lo, role: 'reserved' },
    raw => raw,
    value => value,
  );
