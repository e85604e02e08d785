/**
 * What memory holds: a 64-bit word. A concrete word is a bigint. Of an observed word only those bits are known that
 * somebody asked for, and it answers nothing but the four questions below. Only this folder asks them: everybody
 * else reads a word through a layout, so that the same code runs on both, and the type has no arithmetic.
 */
export type Word = bigint | ObservedWord;

/** A word that is asked one question at a time. Masks say which bits a question is about. */
export interface ObservedWord {
  /** Bits of the word, in place. */
  bits(mask: bigint): bigint;
  /** Whether any of these bits is 1: less than to ask which. */
  anySet(mask: bigint): boolean;
  /** Whether these bits, in place, are one of the values: less than to ask which. */
  isOneOf(mask: bigint, values: readonly bigint[]): boolean;
  /** The bits of an address, in place. An address is looked up, added to and reported, and compared with nothing. */
  address(mask: bigint): bigint;
  /** The word in which these bits have another value. */
  with(mask: bigint, value: bigint): ObservedWord;
  /** Whether another word is the same one. */
  equals(other: Word): boolean;
  /** The smallest and the largest word that it may be, with what stands for its address. */
  readonly smallest: bigint;
  readonly largest: bigint;
}

/** Whether any of these bits of a word is 1. */
export const anySet = (word: Word, mask: bigint): boolean =>
  typeof word === 'bigint' ? (word & mask) !== 0n : mask !== 0n && word.anySet(mask);

/** Which of these bits of a concrete word are 1. */
export const setBits = (word: bigint, mask: bigint): bigint => word & mask;

/** The word with these bits 1, of whatever role. */
export const withSet = (word: Word, mask: bigint): Word =>
  typeof word === 'bigint' ? word | mask : word.with(mask, mask);

/** Whether two words are the same. Words are never compared by `===`, which of observed ones says nothing. */
export function sameWord(a: Word, b: Word): boolean {
  if (typeof a !== 'bigint') return a.equals(b);
  return typeof b === 'bigint' ? a === b : b.equals(a);
}
