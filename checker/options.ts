import type { Checkpoint } from './saving/snapshot.ts';
import type { LimitOptions } from './search/limits.ts';
import type { Pool } from './search/pool.ts';

export interface ExploreOptions extends LimitOptions {
  /** Other threads that expand states. Counts, depth and counterexamples are the same without them. */
  readonly pool?: Pool;
  /** Stop at the end of the level on which something was violated. The result is then a fail, not partial. */
  readonly stopAtViolation?: boolean;
  /**
   * Stop at the end of the level by which the shortest counterexample of any property is known. The twin's and a
   * deadlock's do not count: what they say comes with it, as far as it was met by then.
   */
  readonly stopAtShortest?: boolean;
  /** Called with what is needed to go on later: now and then between two levels, and when a bound ends the run. */
  readonly save?: (checkpoint: Checkpoint) => Promise<void>;
  /** Goes on from there. The system must be the same: else the run throws `CheckpointRefused`. */
  readonly resume?: Checkpoint;
  /**
   * Keeps one state of each orbit of the system's symmetries: fewer states, the same verdicts. `SymmetryRefused` where
   * the system has none or a sentence names a particular member. Not together with `save` or `resume`.
   */
  readonly symmetry?: boolean;
}
