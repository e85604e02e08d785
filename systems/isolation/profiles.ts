import type { Profile } from '../system.ts';

/** The sizes in which isolation is proven. Each small one has all of one mechanism and little of the others. */
export const isolationProfiles: readonly Profile[] = [
  {
    name: 'cache',
    about: 'one page, a protected and a normal guest, one CPU, a device behind the host EPT',
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 1, dma: 'host-ept' },
    isDefault: true,
  },
  {
    name: '2g',
    about: 'two pages at two guest pages of two protected guests, one CPU',
    parameters: { pages: 2, gpas: 2, protected: 2, cpus: 1 },
    isDefault: true,
  },
  {
    name: '2c',
    about: 'one page, two protected guests, two CPUs',
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 2 },
    isDefault: true,
  },
  {
    name: 'life',
    about: 'three pages, a protected and a normal guest that are created, run and torn down, a device',
    parameters: { pages: 3, gpas: 1, protected: 1, normal: 1, cpus: 1, dma: 'host-ept', lifecycle: 1 },
    isDefault: true,
  },
  {
    name: 'pins',
    about: "one page, a protected guest, a device with a table of the IOMMU's own",
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 1, dma: 'own-table' },
    isDefault: true,
  },
  {
    name: 'mmio',
    about: "one page, an MMIO page and the IOMMU's registers",
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 1, mmio: 2 },
    isDefault: true,
  },
  {
    name: 'region',
    about: 'a 2-MByte region of two guests: mapped by one leaf, split, shared page by page, wiped, returned',
    parameters: { pages: 3, protected: 1, normal: 1, cpus: 1, region: 1 },
    isDefault: true,
  },
];
