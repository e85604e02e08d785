import { each, type Read, type Write } from '../../checker/index.ts';
import { flushesFor, type LeafWrite } from '../../model/pkvm/index.ts';
import { isMapped } from '../pages/lenses.ts';
import type { LeafPlace } from '../pages/table.ts';
import { NOTHING_CACHED } from './cached.ts';
import type { Caller } from './rules.ts';
import type { World } from './world.ts';

/** Whether another leaf of the guest's table is mapped, so that unmapping one frees no table page. */
const hasSibling = ({ words, gpas }: World, read: Read, { table, address }: LeafWrite): boolean =>
  gpas.some(gpa => gpa !== address && isMapped(words.leaf(read, table, gpa)));

/** One translation leaves the caches of these CPUs. */
export function dropEverywhere(
  { caches }: Pick<World, 'caches'>,
  read: Read,
  write: Write,
  { cpus, table, address }: { readonly cpus: readonly number[] } & LeafPlace,
): void {
  const cached = cpus.flatMap(cpu => caches.slot(cpu, table, address) ?? []);
  each(
    read,
    cached,
    slot => slot,
    slot => write(slot, NOTHING_CACHED),
  );
}

/**
 * Flushes what the writes of a call make stale, on every CPU and, for the host's table, in the IOMMU. Only the
 * addresses written are flushed: the weakest flush that is enough. A whole context's (INVEPT) reaches no other state.
 */
export function flushAfter(
  world: World,
  read: Read,
  write: Write,
  writes: readonly LeafWrite[],
  caller: Caller,
): void {
  const { rules, cpus, caches } = world;
  for (const one of writes) {
    const { host, iotlb, guests } = flushesFor([one]);
    const { table, address } = one;
    const isStale = host || guests.length > 0;
    if (isStale && rules.flushesTlbs({ table, hasSibling: () => hasSibling(world, read, one) }))
      dropEverywhere(world, read, write, { cpus: rules.flushedCpus(caller, cpus), table, address });
    if (iotlb && world.size.dma === 'host-ept' && rules.flushesIotlb(caller))
      caches.drop(write, 'iommu', 'host', address);
  }
}
