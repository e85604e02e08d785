import type { View } from './shared.ts';

/** What an expander made of a batch of states, up to `reached`. */
export interface Collected {
  readonly reached: number;
  readonly successors: Int32Array;
  readonly successorsEnd: number;
  /** States of which something was not known yet, in order. Nothing else here counts them. */
  readonly unknown: readonly number[];
  /** States that no move changes, in order. */
  readonly unmoved: readonly number[];
  /** How often each entry of `children` was used. */
  readonly visits: Int32Array;
  /** The numbers of spans of the view it was made with: the search has others once its tables are laid out anew. */
  readonly numbers: Int32Array;
}

/** A batch under way. */
export interface Job {
  readonly done: Promise<void>;
  /** To be asked once it is done. */
  collected(): Collected;
  /** Gives its buffers back. */
  release(): void;
}

/** Threads that expand states. They share the memory of the search, which must have been allocated as shared. */
export interface Pool {
  /** Batches that may be under way at a time. */
  readonly capacity: number;
  submit(view: View, from: number, to: number): Job;
  /** Ends the threads. */
  close(): Promise<void>;
}
