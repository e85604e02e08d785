import type { View } from '../search/shared.ts';

/** What threads say to one another. All arrays but `unknown` and `quiet` are shared memory. */

export interface Question {
  readonly view: Omit<View, 'visited'> & {
    /** Which chunk the first of `chunks` is; those before it are as they were sent last. */
    readonly chunksFrom: number;
    /** The words of the set of visited rows. */
    readonly visited: Int32Array;
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
