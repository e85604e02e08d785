import type { LeafWrite, OperationName } from '../../model/pkvm/index.ts';
import type { Table } from './machine.ts';
import type { Source } from '../../model/citation.ts';

/**
 * `allowed`: the specification lets it happen. `forbidden`: it does not. `unknown`: something that decides was not
 * observed. `out-of-scope`: the specification says nothing about it.
 */
export type VerdictKind = 'allowed' | 'forbidden' | 'unknown' | 'out-of-scope';

/** One thing that the specification lets happen. */
export interface AllowedOutcome {
  readonly ret: number;
  /** The rule that decides, by name; `complete` where every check holds. */
  readonly rule: string;
  /** The rule as a sentence, and where it comes from. */
  readonly says: string;
  readonly source: Source;
  /** What was looked at. */
  readonly why: string;
  /** A failure for want of memory, which may happen at any time. */
  readonly isLoose: boolean;
  readonly writes: readonly RunWrite[];
}

/** The same leaf word of so many pages that follow one another: leaves that are present map pages that follow, too. */
export interface RunWrite extends LeafWrite {
  readonly pages: number;
}

/** One field in which what was observed is not what is allowed. */
export interface Difference {
  /** `ret`, `host 0x3000`, `guest 2 0x7000`. */
  readonly at: string;
  readonly observed: string;
  readonly allowed: string;
}

/** A leaf whose word would decide. */
export interface Need {
  readonly table: Table;
  readonly address: bigint;
}

/** What the oracle goes on from after a forbidden event. */
export type Resync =
  | { readonly assumed: 'observed'; readonly leaves: number }
  /** That it was done as allowed, or not at all: which of both, later events will tell. */
  | { readonly assumed: 'either'; readonly ret: number }
  /** Nothing of the leaves that it names. */
  | { readonly assumed: 'unknown'; readonly leaves: number };

/** A call that nobody logged, inserted because only it explains what was seen. */
export interface SilentStep {
  readonly name: OperationName;
  readonly args: {
    readonly vm?: number;
    readonly hpa?: bigint;
    readonly gpa?: bigint;
    readonly size: bigint;
  };
}

export interface Verdict {
  readonly verdict: VerdictKind;
  /** The rule that decided, as a sentence, and where it comes from. */
  readonly rule: string;
  readonly says: string;
  readonly source: Source;
  /** One sentence for a person. */
  readonly why: string;
  /** Everything that may happen here, the strict outcome of each possible state first. */
  readonly allowed: readonly AllowedOutcome[];
  readonly differences: readonly Difference[];
  /** Only an allowed failure for want of memory explains it. */
  readonly isLoose: boolean;
  readonly inserted: readonly SilentStep[];
  readonly needs: readonly Need[];
  readonly resync?: Resync;
}
