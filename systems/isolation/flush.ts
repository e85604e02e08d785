import type { Read, Write } from '../../checker/index.ts';
import { flushesFor, type LeafWrite, viewOf } from '../../model/pkvm/index.ts';
import type { World } from './world.ts';

/** How flushing may differ from the specification. facts/pkvm.md 5 and 4, I8. */
export const flushFaults = {
  host_flush_left_out: 'a host leaf that is unmapped is not flushed from the TLBs',
  guest_flush_left_out: 'a guest leaf that is unmapped is not flushed from the TLBs',
  iotlb_flush_left_out: 'a host leaf that is unmapped is flushed from the TLBs but not from the IOTLB',
  /** B26. */
  guest_unshare_forgets_iotlb: 'guest_unshare_host flushes the TLBs but not the IOTLB',
  /** The other CPUs are not interrupted. */
  local_flush_only: 'a flush reaches only the CPU that makes the call',
  /** B7: whether the leaf was present is asked after it was cleared, so only a table page that is freed flushes. */
  flush_only_with_table: 'an unmap flushes only where no other leaf of the same table is mapped',
} as const;

/** Who makes a call and from where: what decides which caches a flush reaches. */
export interface Caller {
  readonly cpu: number;
  readonly operation: string;
}

/** Whether another leaf of the guest's table is mapped, so that unmapping one frees no table page. */
const hasSibling = ({ words, gpas }: World, read: Read, { table, address }: LeafWrite): boolean =>
  gpas.some(gpa => gpa !== address && viewOf(words.leaf(read, table, gpa)).isPresent);

/**
 * Flushes what the writes of a call make stale, on every CPU and, for the host's table, in the IOMMU. Only the
 * addresses written are flushed: the weakest flush that is enough. A whole context's (INVEPT) reaches no other state.
 */
export function flushAfter(
  world: World,
  read: Read,
  write: Write,
  writes: readonly LeafWrite[],
  { cpu, operation }: Caller,
): void {
  const { deviations, cpus } = world;
  for (const one of writes) {
    const { host, iotlb, guests } = flushesFor([one]);
    const isLeftOut =
      (host && deviations.has('host_flush_left_out')) ||
      (guests.length > 0 && deviations.has('guest_flush_left_out')) ||
      (guests.length > 0 && deviations.has('flush_only_with_table') && hasSibling(world, read, one));
    const reached = deviations.has('local_flush_only') ? [cpu] : cpus;
    if ((host || guests.length > 0) && !isLeftOut)
      for (const each of reached) world.caches.drop(write, each, one.table, one.address);
    const forgetsIotlb =
      deviations.has('iotlb_flush_left_out') ||
      (operation === 'guest_unshare_host' && deviations.has('guest_unshare_forgets_iotlb'));
    if (iotlb && world.size.dma === 'host-ept' && !forgetsIotlb)
      world.caches.drop(write, 'iommu', 'host', one.address);
  }
}
