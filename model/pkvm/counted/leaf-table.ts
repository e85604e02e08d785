import type { Level, Prot } from './leaf-word.ts';
import type { CountedOwner } from './page-state.ts';

/** A range of addresses, `[start, start + size)`. In calls that reach a table both are multiples of a page. */
export interface Range {
  readonly start: bigint;
  readonly size: bigint;
}

/** A leaf of a table, as far as it lies in the range that was asked for. */
export interface Leaf extends Range {
  readonly word: bigint;
  readonly level: Level;
  /** The physical address that `start` is translated to; 0 where nothing is mapped. */
  readonly phys: bigint;
}

/** Where a page for a table may come from: the VM's own pool, and after it the memcache of the vCPU that calls. */
export type TablePages = 'pool' | 'pool or memcache';

/** What became of a change: `-ENOMEM` where a table page could not be had, with what was done until then kept. */
export interface Change {
  readonly isDone: boolean;
  /** Whether a translation that may be cached has become wrong. facts/pkvm-2026.md 1.2, R6. */
  readonly flushes: boolean;
}

/** The page table of the host or of one guest, as the operations use it. */
export interface LeafTable {
  /** The first address that the table cannot translate. */
  readonly end: bigint;
  /** The leaves that cover a range inside the address space, in order, those that map nothing included. */
  leaves(range: Range): Iterable<Leaf>;
  /** Maps `range` to `phys` with the largest leaves that both allow. facts/pkvm-2026.md 1.2, R7. */
  map(range: Range, phys: bigint, prot: Prot, pages: TablePages): Change;
  /** Replaces the leaves of `range` by the name of their owner. */
  annotate(range: Range, owner: CountedOwner): Change;
  /** Removes the leaves of `range`; tables that become empty are freed. */
  unmap(range: Range): Change;
  /** Clears the accessed flag of every leaf that `range` touches. */
  markOld(range: Range): void;
  /** Whether the table pages that `map` would need can all be had. */
  canMap(range: Range, phys: bigint, prot: Prot, pages: TablePages): boolean;
  /** Whether `unmap` of these ranges, one after the other, would find the table pages that splitting needs. */
  canUnmap(ranges: readonly Range[]): boolean;
}

/** Physically contiguous leaves with equal `prot`. facts/pkvm-2026.md 1.2, R3 and R9. */
export interface Run extends Range {
  readonly phys: bigint;
  readonly prot: Prot;
}
