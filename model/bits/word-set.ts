/** Bits of which something is known, but not all: they have one of these values, in place, or none of those. */
export interface PartlyKnown {
  readonly mask: bigint;
  readonly values: readonly bigint[] | Excluded;
}

/** Values that bits do not have: of bits that are not all 0, `[0n]`. */
export interface Excluded {
  readonly not: readonly bigint[];
}

export const isExcluded = (values: PartlyKnown['values']): values is Excluded => 'not' in values;

const everyBit = 2n ** 64n - 1n;

/** How many bits of a mask are 1. */
export function countOf(mask: bigint): number {
  let count = 0;
  for (let rest = mask; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

/** Every value of the bits of a mask, in place, ascending. */
export function valuesOf(mask: bigint): readonly bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  do {
    values.push(value);
    value = (value - mask) & mask;
  } while (value !== 0n);
  return values;
}

/**
 * A set of 64-bit words: some bits are known, some partly, the others may be anything. Its size is exact. Immutable:
 * to learn more gives another set.
 */
export class WordSet {
  /** The bits that are known, and those of them that are 1. */
  readonly known: bigint;
  readonly value: bigint;
  /** Disjoint from one another and from the known bits. */
  readonly partly: readonly PartlyKnown[];

  constructor(known: bigint, value: bigint, partly: readonly PartlyKnown[]) {
    this.known = known;
    this.value = value;
    this.partly = partly;
  }

  /** The bits of which anything is known. */
  get seen(): bigint {
    return this.partly.reduce((seen, { mask }) => seen | mask, this.known);
  }

  get size(): bigint {
    return this.partly.reduce(
      (size, { mask, values }) =>
        size *
        (isExcluded(values)
          ? 2n ** BigInt(countOf(mask)) - BigInt(values.not.length)
          : BigInt(values.length)),
      2n ** BigInt(64 - countOf(this.seen)),
    );
  }

  get smallest(): bigint {
    return this.partly.reduce(
      (word, { mask, values }) =>
        word | (isExcluded(values) ? smallestBut(mask, values) : (values[0] ?? 0n)),
      this.value,
    );
  }

  get largest(): bigint {
    return this.partly.reduce(
      (word, { mask, values }) =>
        word | (isExcluded(values) ? largestBut(mask, values) : (values.at(-1) ?? 0n)),
      this.value | (everyBit & ~this.seen),
    );
  }

  has(word: bigint): boolean {
    return (
      (word & this.known) === this.value &&
      this.partly.every(({ mask, values }) =>
        isExcluded(values) ? !values.not.includes(word & mask) : values.includes(word & mask),
      )
    );
  }

  /** Whether some word of the set has this value in bits that are not known. */
  allows(mask: bigint, value: bigint): boolean {
    return this.partly.every(({ mask: bits, values }) =>
      isExcluded(values)
        ? matching(values.not, value, bits & mask).length < 2 ** countOf(bits & ~mask)
        : matching(values, value, bits & mask).length > 0,
    );
  }

  /**
   * The words of the set whose bits `mask`, none of them known, have one of these values. What is partly known lies
   * within the mask or outside, unless there is one value only.
   */
  withValues(mask: bigint, values: readonly bigint[]): WordSet {
    const [value, ...more] = values;
    if (value === undefined) throw new RangeError('a set of words without a word');
    if (more.length > 0) {
      const others = this.partly.filter(one => one.mask !== mask);
      return new WordSet(this.known, this.value, [...others, { mask, values }]);
    }
    const learnt = new WordSet(this.known | mask, this.value | value, []);
    return this.partly.reduce((set, one) => set.#after(one, mask, value), learnt);
  }

  /** The words of the set in which some bit of a mask is 1. The mask lies within one partly known part or in none. */
  withSome(mask: bigint): WordSet {
    if ((mask & (mask - 1n)) === 0n) return this.withValues(mask, [mask]);
    const met = this.partly.filter(one => (one.mask & mask) !== 0n);
    const not = met.flatMap(({ values }) =>
      isExcluded(values) ? values.not.filter(one => one !== 0n) : [],
    );
    if (not.length > 0 && met.some(one => one.mask !== mask))
      throw new RangeError('some bits of a field that does not have a value are asked for');
    const others = this.partly.filter(one => !met.includes(one));
    return new WordSet(this.known, this.value, others).without(mask, [0n, ...not]);
  }

  /** The words of the set whose bits `mask` have none of these values. What is partly known lies outside the mask. */
  without(mask: bigint, not: readonly bigint[]): WordSet {
    const others = this.partly.filter(one => one.mask !== mask);
    return new WordSet(this.known, this.value, [...others, { mask, values: { not } }]);
  }

  /** The set with what is left of a partly known part, once the bits of `mask` have this value. */
  #after(part: PartlyKnown, mask: bigint, value: bigint): WordSet {
    const left = part.mask & ~mask;
    if (left === part.mask) return new WordSet(this.known, this.value, [...this.partly, part]);
    if (left === 0n) return this;
    if (isExcluded(part.values)) {
      const not = matching(part.values.not, value, part.mask & mask).map(one => one & left);
      if (not.length === 0) return this;
      return not.length === 1 && not[0] === 0n ? this.withSome(left) : this.without(left, not);
    }
    const still = matching(part.values, value, part.mask & mask);
    const values = [...new Set(still.map(one => one & left))];
    return values.length < 2 ** countOf(left) ? this.withValues(left, values) : this;
  }
}

/** Those of some values that have the bits of `value` in a mask. */
const matching = (values: readonly bigint[], value: bigint, mask: bigint): readonly bigint[] =>
  values.filter(one => ((one ^ value) & mask) === 0n);

function smallestBut(mask: bigint, { not }: Excluded): bigint {
  let value = 0n;
  while (not.includes(value)) value = (value - mask) & mask;
  return value;
}

function largestBut(mask: bigint, { not }: Excluded): bigint {
  let value = mask;
  while (not.includes(value)) value = (value - 1n) & mask;
  return value;
}

/** All 2^64 words. */
export const anyWord = new WordSet(0n, 0n, []);
