import type { Profile } from '../system.ts';

const closedForm =
  'the closed form: placed pages, what each holds, what is cached of it, and what each CPU runs';
const explored = 'as explored: there is no closed form, and a change of it must be looked at';

/** The sizes in which isolation is proven. Each small one has all of one mechanism and little of the others. */
export const isolationProfiles: readonly Profile[] = [
  {
    name: 'cache',
    about: 'one page, a protected and a normal guest, one CPU, a device behind the host EPT',
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 1, dma: 'host-ept' },
    isDefault: true,
    pinned: { states: 138, because: closedForm },
  },
  {
    name: '2g',
    about: 'two pages at two guest pages of two protected guests, one CPU',
    parameters: { pages: 2, gpas: 2, protected: 2, cpus: 1 },
    isDefault: true,
    pinned: { states: 8448, because: closedForm },
  },
  {
    name: '2c',
    about: 'one page, a protected and a normal guest, two CPUs',
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 2 },
    isDefault: true,
    pinned: { states: 756, because: closedForm },
  },
  {
    name: 'pins',
    about: "one page, a protected and a normal guest, a device with a table of the IOMMU's own",
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 1, dma: 'own-table' },
    isDefault: true,
    pinned: { states: 198, because: closedForm },
  },
  {
    name: 'mmio',
    about: "one page, an MMIO page and the IOMMU's registers",
    parameters: { pages: 1, gpas: 1, protected: 1, normal: 1, cpus: 1, mmio: 2 },
    isDefault: true,
    pinned: { states: 234, because: closedForm },
  },
  {
    name: 'life',
    about: 'three pages, a protected and a normal guest that are created, run and torn down, a device',
    parameters: { pages: 3, gpas: 1, protected: 1, normal: 1, cpus: 1, dma: 'host-ept', lifecycle: 1 },
    isDefault: true,
    pinned: { states: 11_324, because: explored },
  },
  {
    name: 'life-2c',
    about: 'two pages, a protected guest that is created, run and torn down, two CPUs',
    parameters: { pages: 2, gpas: 1, protected: 1, cpus: 2, lifecycle: 1 },
    isDefault: true,
    pinned: { states: 616, because: explored },
  },
  {
    name: 'region',
    about:
      'a 2-MByte region of a protected guest: mapped by one leaf, split, shared page by page, returned',
    parameters: { pages: 3, protected: 1, normal: 0, cpus: 1, region: 1 },
    isDefault: true,
    pinned: { states: 13_248, because: explored },
  },
  {
    name: 'region-2k',
    about: 'a 2-MByte region between a protected and a normal guest',
    parameters: { pages: 2, protected: 1, normal: 1, cpus: 1, region: 1 },
    isDefault: true,
    pinned: { states: 3648, because: explored },
  },
  {
    name: 'two-cpus',
    about: 'three pages at two guest pages of a protected and a normal guest, two CPUs',
    parameters: { pages: 3, gpas: 2, protected: 1, normal: 1, cpus: 2 },
    isDefault: false,
    pinned: { states: 15_535_872, because: closedForm },
  },
  {
    name: 'device',
    about: 'two pages at two guest pages of a protected and a normal guest, two CPUs and a device',
    parameters: { pages: 2, gpas: 2, protected: 1, normal: 1, cpus: 2, dma: 'host-ept' },
    isDefault: false,
    pinned: { states: 610_848, because: closedForm },
  },
  {
    name: 'lives',
    about: 'three pages, a protected and a normal guest that come and go, two CPUs and a device',
    parameters: { pages: 3, gpas: 1, protected: 1, normal: 1, cpus: 2, dma: 'host-ept', lifecycle: 1 },
    isDefault: false,
    pinned: { states: 104_728, because: explored },
  },
  {
    name: 'region-large',
    about: 'a 2-MByte region of four representatives between a protected and a normal guest',
    parameters: { pages: 4, protected: 1, normal: 1, cpus: 1, region: 1 },
    isDefault: false,
    pinned: { states: 1_344_000, because: explored },
  },
  {
    name: 'early',
    about: 'the region under the early code as it was built: fails, with B1 among what it does',
    parameters: { pages: 3, protected: 1, normal: 0, cpus: 1, region: 1, code: 'early' },
    isDefault: false,
  },
];
