import type { Read, Write } from '../../checker/index.ts';
import { Errno, hostLeaf, NEVER_MAPPED, PageState } from '../../model/pkvm/index.ts';
import { type Done, done, type Entry } from './perform.ts';
import { HOST, isHostMapped, type World } from './world.ts';

/** Whether a page may not leave the host, being mapped for DMA. Without a table of the IOMMU's own, never. */
export function isPinned(
  { pins, rules }: World,
  read: Read,
  page: bigint,
  against: 'donation' | 'unshare',
): boolean {
  const pin = pins.get(page);
  return pin !== undefined && rules.pinHolds(against) && read(pin);
}

/**
 * The host maps a page for DMA, or unmaps it: facts/pkvm.md 1.2, `pkvm_host_use_dma/unuse_dma`. The word in the
 * IOMMU's table is a host leaf's without its state: the same rights, the same place.
 */
export function dmaEntries(world: World, cpu: number): Entry[] {
  const { rules } = world;
  return [...world.pins].flatMap(([page, pin]) => {
    const place = { table: 'iommu', address: page } as const;
    const entry = (name: string, run: Entry['run']): Entry => ({
      name,
      cpu,
      by: HOST,
      args: { hpa: page },
      run,
    });
    const map = (read: Read, write: Write): Done => {
      const mayUse = rules.mayUseForDma(isHostMapped(world, read, page));
      if (!mayUse || read(pin)) return done(Errno.EPERM);
      write(pin, true);
      const after = hostLeaf(page, PageState.PKVM_NOPAGE);
      world.words.apply(read, write, [{ ...place, after }]);
      return done(0);
    };
    const unmap = (read: Read, write: Write): Done => {
      if (!read(pin)) return done(Errno.EPERM);
      write(pin, false);
      if (rules.unmapsUnused) world.words.apply(read, write, [{ ...place, after: NEVER_MAPPED }]);
      if (rules.flushesUnused) world.caches.drop(write, 'iommu', 'iommu', page);
      return done(0);
    };
    return [entry('host_use_dma', map), entry('host_unuse_dma', unmap)];
  });
}
