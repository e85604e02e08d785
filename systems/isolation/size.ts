import { count, flag, oneOf, type SizeOf } from '../size.ts';

/** How large the system is and what it has beside words: CPUs, devices, VMs that come and go, large pages. */
export interface IsolationSize {
  /** RAM pages; with a region, its representative pages. */
  readonly pages: number;
  /** Guest pages of each guest. With a region, as many as pages. */
  readonly gpas: number;
  readonly protected: number;
  readonly normal: number;
  readonly cpus: number;
  /** What the device's accesses go through: no device, the host's EPT, or a table of the IOMMU's own with pins. */
  readonly dma: 'none' | 'host-ept' | 'own-table';
  /** MMIO pages. The last of two is the IOMMU's own registers. */
  readonly mmio: number;
  /** Whether VMs are created and torn down, with a page of their own structures, or are there from the start. */
  readonly hasLifecycle: boolean;
  /** Whether the pages are representatives of one 2-MByte region that is mapped by its page-directory entry. */
  readonly isRegion: boolean;
}

/** What a size chooses. */
export const parameters = {
  pages: count(1, 4, 'RAM pages; in a region, representative pages'),
  gpas: count(1, 4, 'guest pages of each guest (a region has as many as pages)'),
  protected: count(0, 3, 'protected VMs', 1),
  normal: count(0, 3, 'normal VMs'),
  cpus: count(1, 3, 'CPUs, each with cached translations of its own'),
  dma: oneOf(
    ['none', 'host-ept', 'own-table'],
    "a device: none, through the host EPT, or through the IOMMU's own table with pinned pages",
  ),
  mmio: count(0, 2, "MMIO pages; the second is the IOMMU's registers"),
  lifecycle: flag('1: VMs are created, run and torn down; 0: they run from the start'),
  region: flag('1: the pages are representatives of one 2-MByte region'),
  code: oneOf(
    ['specified', 'early'],
    'specified: as the specification says; early: the early code as it was built, with B1, B2, B10, B12, B26',
  ),
};
type Chosen = SizeOf<typeof parameters>;

/** Why there is no system of that size. */
export function refuse(chosen: Chosen): string | undefined {
  if (chosen.protected + chosen.normal === 0) return 'protected and normal are both 0: no guest is left';
  if (!chosen.region) return undefined;
  if (chosen.pages < 2)
    return 'a region needs pages=2 at least: one to be split off, one that stands for the rest';
  if (chosen.lifecycle)
    return 'region and lifecycle: the structures of a VM would have to lie in the region';
  if (chosen.dma === 'own-table')
    return "region and dma=own-table: the IOMMU's own table has 4-KByte leaves only";
  return undefined;
}

export const isolationSizeOf = ({ lifecycle, region, ...chosen }: Chosen): IsolationSize => ({
  ...chosen,
  gpas: region ? chosen.pages : chosen.gpas,
  hasLifecycle: lifecycle,
  isRegion: region,
});

/**
 * What it has in any number. The life of a VM takes a page for its structures, one that it owns, and one that is not
 * its own. The pages of a region are representatives of one region: they are not of any number.
 */
export const sorts = ({ lifecycle, normal, protected: guarded, region }: Chosen) =>
  region
    ? []
    : [
        { name: 'pages' as const, least: lifecycle ? 3 : 1 },
        { name: 'gpas' as const },
        ...(guarded > 0 ? [{ name: 'protected' as const }] : []),
        ...(normal > 0 ? [{ name: 'normal' as const }] : []),
        { name: 'cpus' as const },
      ];
