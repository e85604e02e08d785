import type { Shared } from '../search/shared.ts';

/** What threads say to one another. All arrays but `unknown` and `unmoved` are shared memory. */

/** A batch of states to expand. */
export interface Request {
  readonly shared: Shared;
  /** The chunks that were not sent before; the first of them is number `chunksFrom`. */
  readonly chunks: readonly Int32Array[];
  readonly chunksFrom: number;
  /** The moves that the states of the chunks of this batch were found by. */
  readonly foundBy: readonly (Int32Array | undefined)[];
  /** The words of the set of visited rows. */
  readonly visited: Int32Array;
  readonly from: number;
  readonly to: number;
  readonly buffers: Buffers;
}

/** Where what a batch leads to is written. */
export interface Buffers {
  readonly visits: Int32Array;
  readonly successors: Int32Array;
}

/** Requests are answered in order. */
export interface Answer {
  readonly reached: number;
  readonly successorsEnd: number;
  readonly unknown: readonly number[];
  readonly unmoved: readonly number[];
}
