import type { Field } from './field.ts';
import { maskOf } from './mask.ts';
import { anySet, type ObservedWord, type Word } from './word.ts';

export type Fields = Readonly<Record<string, Field>>;

type ValueNames<F> = { [K in keyof F]: F[K] extends Field<infer _T, 'value'> ? K : never }[keyof F];
type ValueOf<X> = X extends Field<infer T, 'value'> ? T : never;

/** What a word says: one property a value field. */
export type Values<F> = { readonly [K in ValueNames<F>]: ValueOf<F[K]> };

/** A declared 64-bit format, from which everything that reads or writes the word derives. */
export interface Layout<F> {
  readonly name: string;
  readonly fields: F;
  /** The bits that must be zero whatever the processor's physical-address width. */
  readonly reservedMask: bigint;
  /** The bits that mean nothing. */
  readonly ignoredMask: bigint;
  /** The bits of one field. */
  mask(field: keyof F): bigint;
  /** The value of one field. Of an observed word: a field of a few bits, or an address. */
  get<K extends ValueNames<F>>(word: Word, field: K): ValueOf<F[K]>;
  /** Whether the bits of a field, of whatever role, are all 0. */
  isZero(word: Word, field: keyof F): boolean;
  /** Whether a field has one of these values. */
  isOneOf<K extends ValueNames<F>>(word: Word, field: K, values: readonly ValueOf<F[K]>[]): boolean;
  /** Every value field. */
  decode(word: bigint): Values<F>;
  /** The word in which the named fields have these values and every other bit is 0. */
  encode(values: Partial<Values<F>>): bigint;
  /** The word with the named fields replaced and every other bit kept. */
  with<W extends Word>(word: W, values: Partial<Values<F>>): W;
  /** The bits that must be 0 on a processor with this address width. */
  reservedFor(maxPhysicalAddressWidth: number): bigint;
  /** Whether no reserved bit is set, on a processor with this address width. */
  isWellFormed(word: Word, maxPhysicalAddressWidth: number): boolean;
  /** The reserved bits that are set: 0n for a well-formed word on a processor with this address width. */
  reservedBits(word: bigint, maxPhysicalAddressWidth: number): bigint;
}

/** A format whatever its fields: what is needed to show a word of it. */
export type AnyLayout = Pick<Layout<Fields>, 'name' | 'fields' | 'mask'>;

/** A field with its mask and shift worked out once: a walk reads dozens of fields. */
interface Placed {
  readonly field: Field;
  readonly mask: bigint;
  readonly others: bigint;
  readonly shift: bigint;
  /** A single bit read as a boolean: no shift is needed to read it. */
  readonly isFlag: boolean;
}

const placed = (field: Field): Placed => {
  const mask = maskOf(field);
  const isFlag = field.hi === field.lo && field.read(1n) === true && field.read(0n) === false;
  return { field, mask, others: ~mask, shift: BigInt(field.lo), isFlag };
};

const extract = (word: bigint, { field, mask, shift }: Placed): unknown =>
  field.read((word & mask) >> shift);

const observe = (word: ObservedWord, { field, mask, shift }: Placed): unknown =>
  field.read((field.isAddress ? word.address(mask) : word.bits(mask)) >> shift);

function place(label: string, at: Placed, value: unknown): bigint {
  const { field, others, shift } = at;
  const word = field.write(value) << shift;
  const readsBack = (word & others) === 0n && extract(word, at) === value;
  if (!readsBack)
    throw new RangeError(`${label} cannot hold ${String(value)} in bits ${field.hi}:${field.lo}`);
  return word;
}

function checkTiling(name: string, fields: readonly [string, Field][]): void {
  let above = '';
  let next = 63;
  for (const [key, { hi, lo }] of fields.toSorted(([, a], [, b]) => b.hi - a.hi)) {
    if (hi < next) throw new RangeError(`${name}: bit ${next} is declared nowhere`);
    if (hi > next) throw new RangeError(`${name}: bit ${hi} is declared twice, in ${above} and ${key}`);
    above = key;
    next = lo - 1;
  }
  if (next >= 0) throw new RangeError(`${name}: bit ${next} is declared nowhere`);
}

/** The bits of an address field that a processor with this physical-address width (12 to 52) reserves. */
export function beyondWidth(field: Pick<Field, 'hi' | 'lo'>, maxPhysicalAddressWidth: number): bigint {
  if (
    !Number.isInteger(maxPhysicalAddressWidth) ||
    maxPhysicalAddressWidth < 12 ||
    maxPhysicalAddressWidth > 52
  ) {
    throw new RangeError(`a physical-address width is 12 to 52 bits, not ${maxPhysicalAddressWidth}`);
  }
  const lo = Math.max(field.lo, maxPhysicalAddressWidth);
  return lo > field.hi ? 0n : maskOf({ hi: field.hi, lo });
}

/**
 * Declares a 64-bit format. Refuses, when the module loads, a table that does not tile all 64 bits exactly once.
 *
 * @throws RangeError from `encode` and `with` for a value that does not read back (too wide, negative, misaligned).
 */
export function layout<const F extends Fields>(name: string, fields: F): Layout<F> {
  const entries = Object.entries(fields) as [string, Field][];
  checkTiling(name, entries);
  const byName = new Map(entries.map(([key, field]) => [key, placed(field)]));
  const union = (role: Field['role']): bigint =>
    entries.reduce((mask, [, field]) => (field.role === role ? mask | maskOf(field) : mask), 0n);
  const reservedMask = union('reserved');
  const valueFields = [...byName].filter(([, { field }]) => field.role === 'value');
  const reservedByWidth = new Map<number, bigint>();

  const fieldNamed = (key: PropertyKey): Placed => {
    const field = byName.get(String(key));
    if (field === undefined) throw new RangeError(`${name} has no field ${String(key)}`);
    return field;
  };
  const placeIn = (at: Placed, key: string, value: unknown): bigint => {
    if (at.isFlag && typeof value === 'boolean') return value ? at.mask : 0n;
    return place(`${name}.${key}`, at, value);
  };
  const replace = (word: bigint, values: object): bigint => {
    let result = word;
    for (const [key, value] of Object.entries(values)) {
      const at = fieldNamed(key);
      result = (result & at.others) | placeIn(at, key, value);
    }
    return result;
  };
  const replaceObserved = (word: ObservedWord, values: object): ObservedWord => {
    let result = word;
    for (const [key, value] of Object.entries(values)) {
      const at = fieldNamed(key);
      result = result.with(at.mask, placeIn(at, key, value));
    }
    return result;
  };
  const reservedFor = (width: number): bigint => {
    let mask = reservedByWidth.get(width);
    if (mask === undefined) {
      mask = valueFields.reduce(
        (sum, [, { field }]) => (field.isAddress ? sum | beyondWidth(field, width) : sum),
        reservedMask,
      );
      reservedByWidth.set(width, mask);
    }
    return mask;
  };

  return {
    name,
    fields,
    reservedMask,
    ignoredMask: union('ignored'),
    mask: field => fieldNamed(field).mask,
    get: (word, field) => {
      const at = fieldNamed(field);
      return (typeof word === 'bigint' ? extract(word, at) : observe(word, at)) as ValueOf<F[typeof field]>;
    },
    isZero: (word, field) => !anySet(word, fieldNamed(field).mask),
    isOneOf: (word, field, values) => {
      const at = fieldNamed(field);
      if (typeof word === 'bigint') return values.includes(extract(word, at) as (typeof values)[number]);
      const places = values.map(value => place(`${name}.${String(field)}`, at, value));
      return word.isOneOf(at.mask, places);
    },
    decode: word => {
      const values: Record<string, unknown> = {};
      for (const [key, field] of valueFields) values[key] = extract(word, field);
      return values as Values<F>;
    },
    encode: values => replace(0n, values),
    with: <W extends Word>(word: W, values: object) =>
      // a concrete word stays one, and so does an observed one
      (typeof word === 'bigint' ? replace(word, values) : replaceObserved(word, values)) as W,
    reservedFor,
    isWellFormed: (word, width) => !anySet(word, reservedFor(width)),
    reservedBits: (word, width) => word & reservedFor(width),
  };
}
