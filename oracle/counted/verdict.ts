import type { Source } from '../../model/citation.ts';

/** One thing in which a call was not what the implementation's rules make of it. */
export interface CountedDifference {
  /** `ret`, `record 0x400000`, `guest 2 0x10000`, `flush`. */
  readonly at: string;
  readonly observed: string;
  readonly allowed: string;
}

/** A rule as an engineer argues with it. */
export interface CountedRule {
  readonly name: string;
  readonly says: string;
  readonly source: Source;
}

/** What came of holding one recorded call against the model. */
export interface CallVerdict {
  readonly verdict: 'allowed' | 'forbidden' | 'unknown';
  /** The operation and the rule that decided: what coverage counts. */
  readonly operation: string;
  readonly rule: CountedRule;
  readonly why: string;
  readonly differences: readonly CountedDifference[];
  /** A fault that is known and makes exactly this difference: `B54`. */
  readonly known?: string;
}
