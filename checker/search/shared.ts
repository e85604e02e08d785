import type { OrbitTables } from '../symmetry/orbits.ts';
import type { Visited } from './visited.ts';

/**
 * What an expander reads and one thread writes: numbers and arrays of them, which can be handed to another thread as
 * they are. The one list of them there is.
 */
export interface Shared {
  /** 32-bit words of a row, and the bits of them in use: they decide how the visited set is laid out. */
  readonly words: number;
  readonly bits: number;
  readonly lanes: Int32Array;
  /** Where each span is, and the numbers of what it holds. */
  readonly spans: Int32Array;
  readonly numbers: Int32Array;
  readonly footprints: Int32Array;
  readonly bundles: Int32Array;
  readonly children: Int32Array;
  readonly root: number;
  /** Where only one state of each orbit is kept. */
  readonly orbits: OrbitTables | undefined;
}

/** What an expander sees: the above, and the states that were found. */
export interface View extends Shared {
  readonly chunks: readonly Int32Array[];
  /** By chunk, the move that each state was found by, as far as it is known. */
  readonly foundBy: readonly (Int32Array | undefined)[];
  readonly visited: Visited;
}
