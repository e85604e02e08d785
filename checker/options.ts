import type { Pool } from './search/pool.ts';
import type { Checkpoint } from './saving/snapshot.ts';

/** A sample of a run under way. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly level: number;
  /** States of the current level not yet expanded, plus those found for the next. */
  readonly frontier: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface ExploreOptions {
  readonly maxStates?: number;
  readonly maxMemoryBytes?: number;
  readonly maxDepth?: number;
  readonly maxSeconds?: number;
  /** Other threads that expand states. Counts, depth and counterexamples are the same without them. */
  readonly pool?: Pool;
  /** Stop at the end of the level on which something was violated. The result is then a fail, not partial. */
  readonly stopAtViolation?: boolean;
  /** Called with what is needed to go on later: now and then between two levels, and when a bound ends the run. */
  readonly save?: (checkpoint: Checkpoint) => Promise<void>;
  /** Goes on from there. The system must be the same: else the run throws `CheckpointRefused`. */
  readonly resume?: Checkpoint;
  /** Ends the run between two states, with what it found so far as a partial result. */
  readonly signal?: AbortSignal;
  /**
   * Keeps one state of each orbit of the system's symmetries: fewer states, the same verdicts. `SymmetryRefused` where
   * the system has none or a sentence names a particular member. Not together with `save` or `resume`.
   */
  readonly symmetry?: boolean;
  /** Called at most about four times a second. */
  readonly onProgress?: (progress: Progress) => void;
}
