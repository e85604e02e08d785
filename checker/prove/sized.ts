import type { System } from '../system/system.ts';

/** How many members of each sort. */
export type Counts = Readonly<Record<string, number>>;

/** A sort as a system of every size has it. */
export interface SizedSort {
  readonly name: string;
  /** The fewest members that an instance can have: 1 unless said otherwise. */
  readonly least?: number;
}

/**
 * A system that can be had in every size. Larger instances have the members of the smaller ones and more, with ids that
 * a fault could mistake: guests 15, 16, 17 and 2^20-1, pages around 2 MByte and 4 GByte.
 */
export interface Sized {
  readonly name: string;
  readonly sorts: readonly SizedSort[];
  /** Passes in which a proof may still strengthen its candidate, where it needs more than others. */
  readonly passes?: number;
  /** The instance with this many members of each sort; it says how it is made from them (`System.sorts`). */
  build(counts: Counts): System;
}
