import type { OrbitTables } from '../orbits.ts';

/** What threads say to one another. All arrays but `unknown` and `quiet` are shared memory. */

export interface Question {
  readonly view: {
    /** The chunks from this one on; those before it are as they were sent last. */
    readonly chunksFrom: number;
    readonly chunks: readonly Int32Array[];
    /** Of the chunks that the states of this question are in. */
    readonly vias: readonly (Int32Array | undefined)[];
    readonly words: number;
    readonly lanes: Int32Array;
    readonly bits: number;
    readonly spans: Int32Array;
    readonly codes: Int32Array;
    readonly footprints: Int32Array;
    readonly blocks: Int32Array;
    readonly children: Int32Array;
    readonly root: number;
    readonly visited: Int32Array;
    readonly orbits: OrbitTables | undefined;
  };
  readonly from: number;
  readonly to: number;
  readonly buffers: Buffers;
}

/** Where a block's findings go. */
export interface Buffers {
  readonly visits: Int32Array;
  readonly candidates: Int32Array;
}

/** Questions are answered in order. */
export interface Answer {
  readonly reached: number;
  readonly candidatesEnd: number;
  readonly unknown: readonly number[];
  readonly quiet: readonly number[];
}
