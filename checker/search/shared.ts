import type { OrbitTables } from '../symmetry/orbits.ts';
import type { Visited } from './visited.ts';

/** What an expander reads: plain words, shared by all threads, that one thread writes. */
export interface View {
  readonly chunks: readonly Int32Array[];
  /** The move that each state was found by, as far as it is known, by chunk. */
  readonly vias: readonly (Int32Array | undefined)[];
  readonly words: number;
  readonly lanes: Int32Array;
  /** Bits of a row in use: they decide how the visited set is laid out. */
  readonly bits: number;
  /** Where each span is, and the codes of what it holds. */
  readonly spans: Int32Array;
  readonly codes: Int32Array;
  readonly footprints: Int32Array;
  readonly blocks: Int32Array;
  readonly children: Int32Array;
  readonly root: number;
  readonly visited: Visited;
  /** Where only one state of each orbit is kept. */
  readonly orbits: OrbitTables | undefined;
}
