import type { Action, Property, Result, Slot, Value } from './system.ts';

/** What the checker says when it stops. Shared by every caller; `cli` prints it, `--json` is made from it. */

/** One line of a counterexample or witness. */
export interface TraceStep {
  readonly action: Action;
  readonly result: Result;
  /** What the step changed, in the order of the system's slots. */
  readonly changes: readonly { readonly slot: Slot; readonly before: Value; readonly after: Value }[];
}

/** A path from the initial state; shortest unless said otherwise. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  readonly shortest: boolean;
}

export type PropertyOutcome = { readonly property: Property } & (
  | { readonly verdict: 'holds' } // exhaustive: in every state of the profile
  | { readonly verdict: 'reached'; readonly about: string; readonly trace: Trace }
  | { readonly verdict: 'violated'; readonly about: string; readonly why: string; readonly trace: Trace }
  | { readonly verdict: 'not reached' }
  | { readonly verdict: 'undecided' } // the run was partial
);

/** One distinct step in which bits and protocol differ. */
export interface Disagreement {
  readonly trace: Trace;
  readonly why: string;
}

/** How often each operation ended in each result, over all states. */
export interface ActionCoverage {
  readonly name: string;
  readonly results: ReadonlyMap<Result, { readonly transitions: number; readonly firstDepth: number }>;
  /** Distinct states first reached by it. */
  readonly newStates: number;
}

/** Why a run stopped before the frontier was empty. */
export type Bound = 'states' | 'memory' | 'depth' | 'time' | 'interrupted';

export interface Exploration {
  readonly result: 'pass' | 'fail' | 'partial';
  readonly bound?: Bound;
  readonly states: number;
  /** All transitions, refused ones and self-loops included. */
  readonly transitions: number;
  readonly refused: number;
  readonly depth: number;
  /** Distinct states found at each level. */
  readonly perLevel: readonly number[];
  readonly properties: readonly PropertyOutcome[];
  readonly twin: { readonly distinctSteps: number; readonly disagreement?: Disagreement } | undefined;
  readonly deadlock: { readonly mode: 'off' | 'stuck' | 'stutter'; readonly trace?: Trace };
  readonly coverage: readonly ActionCoverage[];
  /** How a state is held: exact, so that no two states are ever taken for one. */
  readonly encoding: {
    readonly bitsPerState: number;
    /** Of the states' rows and the set of them: what grows with the states, and not with the system. */
    readonly bytesPerState: number;
    readonly storage: string;
  };
  /** Where only one state of each orbit was kept: how many states the ones found stand for. */
  readonly symmetry?: { readonly exchanges: number; readonly represented: number };
  /** Why the run could not be saved when that was last tried: what is in the file, if anything, is older. */
  readonly saveFailed?: string;
  /** How often real code ran, against `transitions`. */
  readonly evaluations: number;
  readonly seconds: number;
}
