import { type disabled, type Read, type Write } from '../../checker/index.ts';
import { Errno, hostLeaf, NEVER_MAPPED, PageState } from '../../model/pkvm/index.ts';
import type { Entry } from './perform.ts';
import { HOST, isHostMapped, type World } from './world.ts';

/** How the pins of an IOMMU table of its own may differ from the specification. facts/pkvm.md 5. */
export const pinFaults = {
  donate_ignores_pin: 'a page that is mapped for DMA can be donated',
  /** B20. */
  unshare_ignores_pin: 'a guest can unshare a page that the host still maps for DMA',
  /** B19. */
  unmap_drops_pin_only: 'unmapping 4 KByte of a larger DMA mapping drops the pin and leaves the mapping',
  unuse_forgets_iotlb: 'unmapping a page for DMA does not flush the IOTLB',
  use_ignores_ownership: 'any page can be mapped for DMA, whoever owns it',
} as const;

/** Whether a page may not leave the host, being mapped for DMA. Without a table of the IOMMU's own, never. */
export function isPinned(
  { pins, deviations }: World,
  read: Read,
  page: bigint,
  ignoredBy: keyof typeof pinFaults,
): boolean {
  const pin = pins.get(page);
  return pin !== undefined && read(pin) && !deviations.has(ignoredBy);
}

/**
 * The host maps a page for DMA, or unmaps it: facts/pkvm.md 1.2, `pkvm_host_use_dma/unuse_dma`. The word in the
 * IOMMU's table is a host leaf's without its state: the same rights, the same place.
 */
export function dmaEntries(world: World, cpu: number): Entry[] {
  return [...world.pins].flatMap(([page, pin]) => {
    const place = { table: 'iommu', address: page } as const;
    const entry = (name: string, run: Entry['run']): Entry => ({
      name,
      cpu,
      by: HOST,
      args: { hpa: page },
      run,
    });
    const map = (read: Read, write: Write): number => {
      const mayUse = isHostMapped(world, read, page) || world.deviations.has('use_ignores_ownership');
      if (!mayUse || read(pin)) return Errno.EPERM;
      write(pin, true);
      const after = hostLeaf(page, PageState.PKVM_NOPAGE);
      world.words.apply(read, write, [{ ...place, after }]);
      return 0;
    };
    const unmap = (read: Read, write: Write): number | typeof disabled => {
      if (!read(pin)) return Errno.EPERM;
      write(pin, false);
      if (world.deviations.has('unmap_drops_pin_only')) return 0;
      world.words.apply(read, write, [{ ...place, after: NEVER_MAPPED }]);
      if (!world.deviations.has('unuse_forgets_iotlb')) world.caches.drop(write, 'iommu', 'iommu', page);
      return 0;
    };
    return [entry('host_use_dma', map), entry('host_unuse_dma', unmap)];
  });
}
