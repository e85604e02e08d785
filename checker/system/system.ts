/**
 * What the checker explores: named slots that hold primitive values, actions that read and write them, and
 * properties of them. The checker knows nothing else of the system: no pages, no bits, no machines.
 */

/** What a slot holds. Compared by value (as `Map` does); a bigint is one 64-bit word to most systems. */
export type Value = bigint | number | string | boolean;

/** What a slot is, for readers who know more of the system than the checker: `{ kind: 'leaf', table: 'host', … }`. */
export interface SlotIs {
  readonly kind: string;
  readonly [what: string]: Value;
}

/** One named cell of the state. Slots are compared by identity. */
export interface Slot<V extends Value = Value> {
  /** For people alone: nobody reads a meaning out of it. */
  readonly name: string;
  readonly initial: V;
  readonly is?: SlotIs;
  /** How a person reads a value of it; `String` where left out. */
  show?(value: V): string;
}

/**
 * Reads a slot, whole or through a lens. The engine remembers what an action or a property read, in order; a lens
 * says that only `lens(value)` mattered, so values that look alike through it are one case. A lens is pure and is
 * the same function object on every run (never a closure made on the way).
 */
export interface Read {
  <V extends Value>(slot: Slot<V>): V;
  <V extends Value, W extends Value>(slot: Slot<V>, lens: (value: V) => W): W;
  /** How a proof makes loops over members; the functions of `loops.ts` ask for it, and nobody else. */
  readonly loops?: Loops;
}

/**
 * Loops over members of a sort. A plain loop reads as many slots as the instance has members, and shows nothing about
 * larger ones; these say what the loop is for, so that a proof can follow them for any number of members. Outside a
 * proof they loop.
 */
export interface Loops {
  some<V extends Value>(slots: readonly Slot<V>[], lens: (value: V) => Value): boolean;
  collect<V extends Value, W extends Value>(
    slots: readonly Slot<V>[],
    lens: (value: V) => W,
  ): readonly Seen<W>[];
  each<T>(items: readonly T[], slotOf: (item: T) => Slot, body: (item: T) => void): void;
  every<T, V>(
    items: readonly T[],
    slotOf: (item: T) => Slot,
    complaint: (item: T) => V | undefined,
  ): V | undefined;
}

/** A slot that matters to a loop, by its place among the loop's slots, with what the loop's lens sees in it. */
export interface Seen<V extends Value = Value> {
  readonly at: number;
  readonly saw: V;
}

export type Write = <V extends Value>(slot: Slot<V>, value: V) => void;

/** What a call returned: 0 or `'ok'`, an errno, a number of bytes. Part of the transition's label. */
export type Result = number | string;

/** What `run` returns where the action does not exist in this state: no transition at all, not even a refused one. */
export const disabled: unique symbol = Symbol.for('pagewarden.disabled');

/** One call by one actor with all its arguments chosen: deterministic, and a function of the slots it reads. */
export interface Action {
  /** The operation, shared by all actions that differ in arguments only: what coverage counts by. */
  readonly name: string;
  readonly actor: string;
  readonly args: Readonly<Record<string, Value>>;
  /** Reads and writes slots; what it reads after writing is what it wrote. Returns the result or `disabled`. */
  run(read: Read, write: Write): Result | typeof disabled;
  /** Why the call would return what it returns, for a person: the check that decides and what it found. */
  explain?(read: Read): string;
}

/** One transition as a property or the twin sees it: the slots before, the call, its result, the slots after. */
export interface Step {
  readonly action: Action;
  readonly result: Result;
  readonly before: Read;
  readonly after: Read;
  /** The slots whose value the step changed. */
  readonly changed: readonly Slot[];
}

/** One member of a property's family: `i of pages`, `(slot, slot)`. Small footprints keep the check fast. */
export interface Instance {
  /** What this member speaks of, for the report: `page 0x3000`. Empty where the property has one member. */
  readonly about: string;
  holds(read: Read): boolean | Verdict;
}

/** A falsified conjunct, named: `{ holds: false, why: 'host leaf says NOPAGE, owner 2; guest 2 does not map it' }`. */
export type Verdict = { readonly holds: true } | { readonly holds: false; readonly why: string };

interface Sentence {
  /** A full sentence in the present tense, stated positively. */
  readonly name: string;
  /** Its short name where the source gives one: `I1`, `K4`. */
  readonly id?: string;
  /** Where it comes from: the seed or facts file and the words it uses. */
  readonly source: string;
}

/** True of every reachable state. Every member of the family must hold. */
export interface Always extends Sentence {
  readonly kind: 'always';
  readonly instances: readonly Instance[];
}
/** True of some reachable state: of at least one member in at least one state. */
export interface Sometimes extends Sentence {
  readonly kind: 'sometimes';
  readonly instances: readonly Instance[];
}
/** True of every transition, refused ones included. */
export interface StepProperty extends Sentence {
  readonly kind: 'step';
  holds(step: Step): boolean | Verdict;
}
/** From every reachable state a state where all members hold can be reached again. */
export interface Recoverable extends Sentence {
  readonly kind: 'recoverable';
  readonly instances: readonly Instance[];
}
export type Property = Always | Sometimes | StepProperty | Recoverable;

/**
 * The protocol beside the bits. Runs on every distinct step, like a step property, and says where the two differ.
 * What it reads becomes part of the step's footprint.
 */
export interface Twin {
  readonly name: string;
  /** `undefined` where bits and protocol agree, otherwise one sentence: what the protocol does, what the bits did. */
  disagrees(step: Step): string | undefined;
}

/** Members that may be exchanged for one another without changing anything that a property can see. */
export interface Symmetry {
  /** What is interchangeable: `pages`, `protected guests`. */
  readonly name: string;
  readonly size: number;
  /** Where a slot goes when member `i` becomes member `permutation[i]`. */
  slot(slot: Slot, permutation: readonly number[]): Slot;
  /** What a value in that slot becomes. */
  value(slot: Slot, value: Value, permutation: readonly number[]): Value;
  /** What an action becomes, for traces told in the original names. */
  action(action: Action, permutation: readonly number[]): Action;
}

/** One of the interchangeable things of a sort: a page, a guest, a CPU. Compared by identity. */
export interface Member {
  readonly sort: string;
  /** Its place among the members of its sort, from 0: the same in every size that has it. */
  readonly at: number;
  readonly name: string;
}

/** What something is, whomever it names, and the members that it names, in a fixed order. */
export interface Shape {
  readonly shape: string;
  readonly names: readonly Member[];
}

/**
 * How the slots, values and calls of a system are made from members. Exchanging members of a sort must turn the system
 * into itself. `make(slot, …value(slot, v))` is `v`.
 */
export interface Sorts {
  /** The members of each sort. */
  readonly members: ReadonlyMap<string, readonly Member[]>;
  /** `guest leaf` of a guest and a gpa. No two slots have the same shape and the same names. */
  slot(slot: Slot): Shape;
  value(slot: Slot, value: Value): Shape;
  make(slot: Slot, shape: string, names: readonly Member[]): Value;
  /** Calls of one shape, with names alike, do the same to other members. */
  action(action: Action): Shape;
  /** What a call returned; where left out, results name nobody. */
  result?(result: Result): Shape;
}

/** How calls over any number of members are made of calls over one. */
export interface Ranges {
  /** Why they are not made by one combinator that checks each member and then writes for each; left out where they are. */
  readonly uncombined?: string;
  /** Two calls over one member each, as a range has them: one pair of each kind of call. */
  readonly beside: readonly (readonly [Action, Action])[];
}

/** A part of the system with a life of its own, which the protocol names: what a quotient of all states is made by. */
export interface Life {
  /** `the life of gfn 0x1ff`. */
  readonly name: string;
  /** The protocol's name for the state that it is in. */
  state(read: Read): string;
}

export interface System {
  readonly name: string;
  /** The slots, in the order in which a person reads the state. */
  readonly slots: readonly Slot[];
  /**
   * Slots that are nearly always read together: each group's tuple of values is interned as one small code, and
   * reading one of its slots counts as reading all. A slot in no group is a group of its own.
   */
  readonly groups?: readonly (readonly Slot[])[];
  readonly actions: readonly Action[];
  readonly properties: readonly Property[];
  readonly twin?: Twin;
  readonly lives?: readonly Life[];
  readonly symmetries?: readonly Symmetry[];
  /** What its slots, values and calls are indexed by: what a proof for every size stands on. */
  readonly sorts?: Sorts;
  /** Calls over ranges: what makes a proof one for every length. */
  readonly ranges?: Ranges;
  /** Whether a result is a refusal (counted apart, and the words must not change). Negative numbers by default. */
  isRefusal?(result: Result): boolean;
  /**
   * `stuck`: a state with no enabled action. `stutter`: a state whose actions all lead back to itself. `off`: neither
   * is looked for. A system of calls, in which a refused call is always possible, wants `stutter`.
   */
  readonly deadlock?: 'off' | 'stuck' | 'stutter';
}
