import type { Value } from '../system/system.ts';

/** A slot with a value: what a candidate invariant speaks of. Members by their number in the instance. */
export interface Atom {
  readonly id: number;
  /** The slot's index. */
  readonly slot: number;
  readonly value: Value;
  /** Its slot's class, its value's shape and the sorts of all members that they name, as one number. */
  readonly head: number;
  /** The members that the slot names, then those that the value names. */
  readonly names: readonly number[];
  /** How many of them the slot names. */
  readonly own: number;
}

/** A value's shape with the members that it names left open: what a slot of a class may hold. */
export interface Template {
  readonly class: number;
  readonly shape: string;
  /** The sorts of the members that the value names. */
  readonly sorts: readonly number[];
  /** Which of the names, the slot's first, are the same member: numbers in the order in which they come. */
  readonly numbering: readonly number[];
}
