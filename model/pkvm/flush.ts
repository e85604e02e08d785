import { PkvmLeaf, viewOf } from './leaf.ts';
import type { LeafWrite } from './result.ts';

/** Cached translations that must be gone before anyone relies on the new leaves. */
export interface Flushes {
  /** The host EPT, and with it the IOMMU, which walks the same table. */
  readonly host: boolean;
  readonly iotlb: boolean;
  /** The guests' tables, by owner id. */
  readonly guests: readonly number[];
}

/** Whether a translation that may be cached from the old leaf would now be wrong: more than the state changed. */
function leavesStale({ before, after }: LeafWrite): boolean {
  return (
    viewOf(before).isPresent &&
    PkvmLeaf.with(before, { pageState: 0 }) !== PkvmLeaf.with(after, { pageState: 0 })
  );
}

/**
 * What the writes of a call make stale. A change of state alone flushes nothing, nor does a leaf that was absent.
 * The IOTLB goes with the host table. facts/pkvm.md 0.2 C8 and I8.
 */
export function flushesFor(writes: readonly LeafWrite[]): Flushes {
  const stale = writes.filter(leavesStale).map(({ table }) => table);
  const host = stale.includes('host');
  return { host, iotlb: host, guests: [...new Set(stale.filter(table => table !== 'host'))] };
}
