/** Bits of which something is known, but not all: they are not all 0, or they have one of these values, in place. */
export interface PartlyKnown {
  readonly mask: bigint;
  readonly values: readonly bigint[] | 'not all 0';
}

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
        size * (values === 'not all 0' ? 2n ** BigInt(countOf(mask)) - 1n : BigInt(values.length)),
      2n ** BigInt(64 - countOf(this.seen)),
    );
  }

  get smallest(): bigint {
    return this.partly.reduce(
      (word, { mask, values }) => word | (values === 'not all 0' ? mask & -mask : (values[0] ?? 0n)),
      this.value,
    );
  }

  get largest(): bigint {
    return this.partly.reduce(
      (word, { mask, values }) => word | (values === 'not all 0' ? mask : (values.at(-1) ?? 0n)),
      this.value | (everyBit & ~this.seen),
    );
  }

  has(word: bigint): boolean {
    return (
      (word & this.known) === this.value &&
      this.partly.every(({ mask, values }) =>
        values === 'not all 0' ? (word & mask) !== 0n : values.includes(word & mask),
      )
    );
  }

  /** Whether some word of the set has this value in bits that are not known. */
  allows(mask: bigint, value: bigint): boolean {
    return this.partly.every(({ mask: bits, values }) =>
      values === 'not all 0'
        ? (bits & ~mask) !== 0n || (value & bits) !== 0n
        : values.some(one => ((one ^ value) & bits & mask) === 0n),
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
    const others = this.partly.filter(one => (one.mask & mask) === 0n);
    const rest = new WordSet(this.known, this.value, others);
    if ((mask & (mask - 1n)) === 0n) return rest.withValues(mask, [mask]);
    return new WordSet(this.known, this.value, [...others, { mask, values: 'not all 0' }]);
  }

  /** The set with what is left of a partly known part, once the bits of `mask` have this value. */
  #after(part: PartlyKnown, mask: bigint, value: bigint): WordSet {
    const left = part.mask & ~mask;
    if (left === part.mask) return new WordSet(this.known, this.value, [...this.partly, part]);
    if (left === 0n) return this;
    if (part.values === 'not all 0') return (value & part.mask) === 0n ? this.withSome(left) : this;
    const matching = part.values.filter(one => ((one ^ value) & part.mask & mask) === 0n);
    const values = [...new Set(matching.map(one => one & left))];
    return values.length < 2 ** countOf(left) ? this.withValues(left, values) : this;
  }
}

/** All 2^64 words. */
export const anyWord = new WordSet(0n, 0n, []);
