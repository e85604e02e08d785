import type { View } from './shared.ts';

/** What an expander found out of a block of states, up to `reached`. */
export interface Collected {
  readonly reached: number;
  readonly candidates: Int32Array;
  readonly candidatesEnd: number;
  /** States of which something was not known yet, in order. They are in no other number here. */
  readonly unknown: readonly number[];
  /** States that no move changes, in order. */
  readonly quiet: readonly number[];
  /** How often each entry of `children` was used. */
  readonly visits: Int32Array;
  /** The codes of spans of the view it was made with: others where its tables were laid out anew since. */
  readonly codes: Int32Array;
}

/** A block under way. */
export interface Job {
  readonly done: Promise<void>;
  /** To be asked once it is done. */
  collected(): Collected;
  /** Gives its buffers back. */
  release(): void;
}

/** Threads that expand states. They share the memory of the search, which must have been allocated as shared. */
export interface Pool {
  /** Blocks that may be under way at a time. */
  readonly capacity: number;
  submit(view: View, from: number, to: number): Job;
  /** Ends the threads. */
  close(): Promise<void>;
}
