import type { Profile } from '../system.ts';

const closed = 'the closed form: closed-form.ts';

const explored = 'as explored: splitting, marks and running vCPUs have no closed form';

/** Small ones to read, one for each thing that takes room of its own, and those in which all of it meets. */
export const sharingProfiles: readonly Profile[] = [
  {
    name: '1p',
    about: 'one page, a protected and a normal VM with a guest page each, a device: the life of one page',
    parameters: { counts: 2 },
    isDefault: true,
    pinned: { states: 22, because: closed },
  },
  {
    name: 'short',
    about:
      'one page, two guest pages, more devices than a record can count, table pages that may be missing',
    parameters: { gpas: 2, counts: 2, devices: 3, tables: 'may be missing' },
    isDefault: true,
    pinned: { states: 44, because: closed },
  },
  {
    name: 'block',
    about:
      'leaves of 2 MByte and of the two pages before it: ranges that split it while table pages are missing',
    parameters: {
      pages: 3,
      gpas: 3,
      range: 2,
      counts: 1,
      devices: 0,
      hyp: 0,
      protected: 0,
      tables: 'may be missing',
      calls: 'matching',
      block: 1,
    },
    isDefault: true,
    pinned: { states: 75, because: explored },
  },
  {
    name: 'block-protected',
    about: 'a protected guest shares a leaf of 2 MByte whole and takes part of it back',
    parameters: {
      counts: 1,
      devices: 0,
      hyp: 0,
      normal: 0,
      tables: 'may be missing',
      calls: 'matching',
      block: 1,
    },
    isDefault: true,
    pinned: { states: 10, because: explored },
  },
  {
    name: 'running',
    about: 'vCPUs are loaded and put: a VM that is in use cannot be torn down',
    parameters: { gpas: 2, running: 1 },
    isDefault: true,
    pinned: { states: 128, because: explored },
  },
  {
    name: 'used',
    about: 'leaves are marked as used, and the host asks which are: the marks cut runs',
    parameters: { pages: 2, gpas: 2, range: 2, devices: 0, accessed: 1, prots: 2 },
    isDefault: true,
    pinned: { states: 1090, because: explored },
  },
  {
    name: 'faults',
    about: 'two pages, a protected and a normal VM with two guest pages each: where faults are tried',
    parameters: { pages: 2, gpas: 2, tables: 'may be missing' },
    isDefault: false,
    pinned: { states: 456, because: closed },
  },
  {
    name: '2p2g',
    about: 'two pages, two guest pages, ranges of two, MMIO, two kinds of rights, every call legal or not',
    parameters: { pages: 2, gpas: 2, range: 2, mmio: 1, prots: 2, tables: 'may be missing' },
    isDefault: true,
    pinned: { states: 1808, because: closed },
  },
  {
    name: 'two-of-each',
    about: 'two pages, two VMs of each kind with two guest pages, counts up to 3, ranges of two',
    parameters: {
      pages: 2,
      gpas: 2,
      protected: 2,
      normal: 2,
      counts: 3,
      range: 2,
      tables: 'may be missing',
      calls: 'matching',
    },
    isDefault: true,
    pinned: { states: 4720, because: closed },
  },
  {
    name: 'large',
    about: 'five pages, two VMs of each kind with two guest pages, counts up to 3, ranges of two',
    parameters: {
      pages: 5,
      gpas: 2,
      protected: 2,
      normal: 2,
      counts: 3,
      range: 2,
      calls: 'matching',
    },
    isDefault: false,
    pinned: { states: 48_810_880, because: closed },
  },
];
