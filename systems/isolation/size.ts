import type { Parameter, Parameters } from '../system.ts';

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

const dmaWords = ['none', 'host-ept', 'own-table'] as const;

export const parameters: readonly Parameter[] = [
  { name: 'pages', about: 'RAM pages; in a region, representative pages', min: 1, max: 4 },
  { name: 'gpas', about: 'guest pages of each guest (a region has as many as pages)', min: 1, max: 4 },
  { name: 'protected', about: 'protected VMs', min: 0, max: 3 },
  { name: 'normal', about: 'normal VMs', min: 0, max: 3 },
  { name: 'cpus', about: 'CPUs, each with cached translations of its own', min: 1, max: 3 },
  {
    name: 'dma',
    about: "a device: none, through the host EPT, or through the IOMMU's own table with pinned pages",
    min: 0,
    max: 0,
    words: dmaWords,
  },
  { name: 'mmio', about: "MMIO pages; the second is the IOMMU's registers", min: 0, max: 2 },
  {
    name: 'lifecycle',
    about: '1: VMs are created, run and torn down; 0: they run from the start',
    min: 0,
    max: 1,
  },
  { name: 'region', about: '1: the pages are representatives of one 2-MByte region', min: 0, max: 1 },
  {
    name: 'code',
    about:
      'specified: as the specification says; early: the early code as it was built, with B1, B2, B10, B12, B26',
    min: 0,
    max: 0,
    words: ['specified', 'early'],
  },
];

/** Names that are not given. */
export const defaultSize: Parameters = {
  pages: 1,
  gpas: 1,
  protected: 1,
  normal: 0,
  cpus: 1,
  dma: 'none',
  mmio: 0,
  lifecycle: 0,
  region: 0,
  code: 'specified',
};

/** @throws RangeError for a combination that makes no sense. */
export function sizeOf(given: Parameters): IsolationSize {
  const all = { ...defaultSize, ...given };
  const dma = dmaWords.find(word => word === all.dma) ?? 'none';
  const isRegion = all.region === 1;
  const size: IsolationSize = {
    pages: Number(all.pages),
    gpas: isRegion ? Number(all.pages) : Number(all.gpas),
    protected: Number(all.protected),
    normal: Number(all.normal),
    cpus: Number(all.cpus),
    dma,
    mmio: Number(all.mmio),
    hasLifecycle: all.lifecycle === 1,
    isRegion,
  };
  if (size.protected + size.normal === 0)
    throw new RangeError('protected and normal are both 0: no guest is left');
  if (isRegion && size.pages < 2)
    throw new RangeError(
      'a region needs pages=2 at least: one to be split off, one that stands for the rest',
    );
  if (isRegion && size.hasLifecycle)
    throw new RangeError('region and lifecycle: the structures of a VM would have to lie in the region');
  if (isRegion && size.dma === 'own-table')
    throw new RangeError("region and dma=own-table: the IOMMU's own table has 4-KByte leaves only");
  return size;
}
