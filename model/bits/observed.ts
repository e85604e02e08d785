import type { ObservedWord, Word } from './word.ts';
import { anyWord, countOf, isExcluded, type PartlyKnown, valuesOf, type WordSet } from './word-set.ts';

/** A question about a word that had more than one answer. */
export interface Question {
  /** The number of the word, in the order in which words were first read. */
  readonly word: number;
  /** `bits`: which value these bits have. `any`: whether one of them is 1. `one of`: whether their value is listed. */
  readonly asks: 'bits' | 'any' | 'one of';
  readonly mask: bigint;
  /** How many answers there are, and the number of the one that was given. */
  readonly answers: number;
  readonly answer: number;
}

/** Whether two questions ask the same of the same word. */
export const isSameQuestion = (a: Question, b: Question): boolean =>
  a.word === b.word && a.asks === b.asks && a.mask === b.mask && a.answers === b.answers;

/**
 * Who answers a question that has several answers: an explorer that tries each of them, or a word that is really
 * there. `of` says which answer a concrete word gives.
 */
export type Choose = (answers: number, of: (actual: bigint) => number) => number;

/** More bits at once than this are no flag and no small field: a layout should ask less. */
const mostBits = 6;

/** A word of which only that is known which was asked: it may be any word of a set that shrinks with every answer. */
export class Observed implements ObservedWord {
  readonly number: number;
  /** What stands for the address in the word. */
  readonly standIn: bigint;
  /** The words that it may be. Whoever explores may put back what was known before. */
  set: WordSet = anyWord;
  /** The bits that were taken for an address. */
  addressBits = 0n;
  readonly #choose: Choose;
  readonly #questions: Question[];

  constructor(number: number, standIn: bigint, choose: Choose, questions: Question[]) {
    this.number = number;
    this.standIn = standIn;
    this.#choose = choose;
    this.#questions = questions;
  }

  bits(mask: bigint): bigint {
    const open = mask & ~this.set.known;
    if (open !== 0n) this.#reveal(open);
    return this.set.value & mask;
  }

  anySet(mask: bigint): boolean {
    const { value, known, partly } = this.set;
    if ((value & mask) !== 0n) return true;
    let rest = mask & ~known;
    if (partly.some(part => isNotZero(part) && (part.mask & ~rest) === 0n)) return true;
    for (const part of partly) {
      const asked = rest & part.mask;
      if (asked !== 0n && this.#anyOf(asked, part)) return true;
      rest &= ~asked;
    }
    return rest !== 0n && this.#anyOf(rest, undefined);
  }

  isOneOf(mask: bigint, values: readonly bigint[]): boolean {
    const { value, partly } = this.set;
    const open = mask & ~this.set.known;
    const listed = new Set(
      values.filter(one => ((one ^ value) & mask & ~open) === 0n).map(one => one & open),
    );
    if (open === 0n) return listed.size > 0;
    const part = partly.find(one => (one.mask & open) !== 0n);
    if (countOf(open) > mostBits && (part === undefined || (part.mask === open && isExcluded(part.values))))
      return this.#isListed(open, [...listed], part);
    if (part !== undefined && (part.mask !== open || isExcluded(part.values)))
      return listed.has(this.bits(open));
    const possible = part === undefined || isExcluded(part.values) ? valuesOf(open) : part.values;
    const [yes, no] = [possible.filter(one => listed.has(one)), possible.filter(one => !listed.has(one))];
    if (yes.length === 0 || no.length === 0) return no.length === 0;
    const isListed = this.#ask('one of', open, 2, actual => (listed.has(actual & open) ? 1 : 0)) === 1;
    this.set = this.set.withValues(open, isListed ? yes : no);
    return isListed;
  }

  address(mask: bigint): bigint {
    this.addressBits |= mask;
    return this.standIn & mask;
  }

  with(mask: bigint, value: bigint): ObservedWord {
    return new Overlaid(this, mask, value);
  }

  equals(other: Word): boolean {
    if (other === this) return true;
    if (typeof other === 'bigint') return this.isOneOf(everyBit, [other]);
    if (other instanceof Overlaid) return other.equals(this);
    throw notComparable();
  }

  [Symbol.toPrimitive](): never {
    throw noPrimitive();
  }

  get smallest(): bigint {
    return this.set.smallest | (this.standIn & this.#freeAddressBits);
  }

  get largest(): bigint {
    return (this.set.largest & ~this.#freeAddressBits) | (this.standIn & this.#freeAddressBits);
  }

  /** The address that the stand-in stands for, in a word that it may be. */
  actualAddress(word: bigint): bigint {
    return word & this.addressBits;
  }

  /** Where the stand-in says what is there: bits of the address of which nothing else is known. */
  get #freeAddressBits(): bigint {
    return this.addressBits & ~this.set.seen;
  }

  #ask(asks: Question['asks'], mask: bigint, answers: number, of: (actual: bigint) => number): number {
    const answer = this.#choose(answers, of);
    this.#questions.push({ word: this.number, asks, mask, answers, answer });
    return answer;
  }

  /** Whether a wide field has a value that is listed: too many values to be tried one by one. */
  #isListed(open: bigint, listed: readonly bigint[], part: PartlyKnown | undefined): boolean {
    const not = part === undefined || !isExcluded(part.values) ? [] : part.values.not;
    const left = listed.filter(one => !not.includes(one));
    if (left.length === 0) return false;
    const isOne = this.#ask('one of', open, 2, actual => (left.includes(actual & open) ? 1 : 0)) === 1;
    this.set = isOne ? this.set.withValues(open, left) : this.set.without(open, [...not, ...left]);
    return isOne;
  }

  /** Asks for the value of bits none of which is known. */
  #reveal(open: bigint): void {
    if (countOf(open) > mostBits)
      throw new RangeError(`${countOf(open)} bits of an observed word are asked for at once`);
    const possible = valuesOf(open).filter(value => this.set.allows(open, value));
    const answer =
      possible.length === 1
        ? 0
        : this.#ask('bits', open, possible.length, actual => possible.indexOf(actual & open));
    this.set = this.set.withValues(open, [possible[answer] ?? 0n]);
  }

  /** Whether a bit of `mask` is 1, which lies within a partly known part or within what is not known at all. */
  #anyOf(mask: bigint, part: PartlyKnown | undefined): boolean {
    const ask = (): boolean => this.#ask('any', mask, 2, actual => ((actual & mask) === 0n ? 0 : 1)) === 1;
    if (part === undefined || isExcluded(part.values)) {
      const isSome = ask();
      this.set = isSome ? this.set.withSome(mask) : this.set.withValues(mask, [0n]);
      return isSome;
    }
    const zero = part.values.filter(value => (value & mask) === 0n);
    const other = part.values.filter(value => (value & mask) !== 0n);
    const isSome = zero.length === 0 || (other.length > 0 && ask());
    this.set = this.set.withValues(part.mask, isSome ? other : zero);
    return isSome;
  }
}

const everyBit = 2n ** 64n - 1n;

const isNotZero = ({ values }: PartlyKnown): boolean => isExcluded(values) && values.not.includes(0n);

/** What arithmetic and printing get, should a cast let them through the types. */
const noPrimitive = (): TypeError => new TypeError('an observed word is read through a layout');

const notComparable = (): RangeError =>
  new RangeError('two observed words are compared only where one is made from the other');

/** An observed word some bits of which were replaced. */
class Overlaid implements ObservedWord {
  readonly #base: Observed;
  readonly #mask: bigint;
  readonly #value: bigint;

  constructor(base: Observed, mask: bigint, value: bigint) {
    this.#base = base;
    this.#mask = mask;
    this.#value = value;
  }

  bits(mask: bigint): bigint {
    const below = mask & ~this.#mask;
    return (this.#value & mask) | (below === 0n ? 0n : this.#base.bits(below));
  }

  anySet(mask: bigint): boolean {
    const below = mask & ~this.#mask;
    return (this.#value & mask) !== 0n || (below !== 0n && this.#base.anySet(below));
  }

  isOneOf(mask: bigint, values: readonly bigint[]): boolean {
    const below = mask & ~this.#mask;
    const listed = values.filter(value => ((value ^ this.#value) & mask & this.#mask) === 0n);
    return below === 0n ? listed.length > 0 : this.#base.isOneOf(below, listed);
  }

  address(mask: bigint): bigint {
    const below = mask & ~this.#mask;
    return (this.#value & mask) | (below === 0n ? 0n : this.#base.address(below));
  }

  with(mask: bigint, value: bigint): ObservedWord {
    return new Overlaid(this.#base, this.#mask | mask, (this.#value & ~mask) | value);
  }

  equals(other: Word): boolean {
    if (typeof other === 'bigint') return this.isOneOf(everyBit, [other]);
    if ((other instanceof Overlaid ? other.#base : other) !== this.#base) throw notComparable();
    const mask = this.#mask | (other instanceof Overlaid ? other.#mask : 0n);
    return this.bits(mask) === other.bits(mask);
  }

  [Symbol.toPrimitive](): never {
    throw noPrimitive();
  }

  get smallest(): bigint {
    return (this.#base.smallest & ~this.#mask) | this.#value;
  }

  get largest(): bigint {
    return (this.#base.largest & ~this.#mask) | this.#value;
  }
}
