import type { Source } from '../citation.ts';

/** One named question about a subject. Lists of them are the decisions of a walk, each with its own name. */
export interface Check<Name extends string, Subject> {
  readonly name: Name;
  /** What is so where it holds, in words that follow "because" or "where". */
  readonly rule: string;
  /** Where it comes from. */
  readonly source: Source;
  holds(subject: Subject): boolean;
}

export type Checks<Name extends string, Subject> = readonly Check<Name, Subject>[];

/** A check that something waits for, with what is so where it does not hold. */
export interface Condition<Name extends string, Subject> extends Check<Name, Subject> {
  readonly unless: string;
}

export type Conditions<Name extends string, Subject> = readonly Condition<Name, Subject>[];
