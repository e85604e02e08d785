import type { Profile } from '../system.ts';

const because = 'as explored: interleavings have no closed form, and a change of it must be looked at';

/** The sizes in which calls in steps are proven. */
export const smpProfiles: readonly Profile[] = [
  {
    name: '2c1p',
    about: 'two CPUs, one page, a protected and a normal guest',
    parameters: { cpus: 2, pages: 1, gpas: 1, protected: 1, normal: 1 },
    isDefault: true,
    pinned: { states: 3265, because },
  },
  {
    name: 'tlb',
    about: 'two CPUs, one page, a protected guest, translations that are cached, secrets',
    parameters: { cpus: 2, pages: 1, gpas: 1, protected: 1, normal: 0, translations: 1, contents: 1 },
    isDefault: true,
    pinned: { states: 2904, because },
  },
  {
    name: 'tlb-normal',
    about: 'two CPUs, one page, a normal guest, translations that are cached',
    parameters: { cpus: 2, pages: 1, gpas: 1, protected: 0, normal: 1, translations: 1 },
    isDefault: true,
    pinned: { states: 863, because },
  },
  {
    name: '2p1g',
    about: 'two CPUs, two pages that can change places at one guest page',
    parameters: { cpus: 2, pages: 2, gpas: 1, protected: 1, normal: 0 },
    isDefault: true,
    pinned: { states: 5232, because },
  },
  {
    name: '2p2g',
    about: 'two CPUs, two pages, two guest pages of a protected guest',
    parameters: { cpus: 2, pages: 2, gpas: 2, protected: 1, normal: 0 },
    isDefault: true,
    pinned: { states: 20_524, because },
  },
  {
    name: 'memcache',
    about: "two CPUs that fill their memcaches from a list in the host's memory, a protected guest",
    parameters: { cpus: 2, pages: 2, gpas: 1, protected: 1, normal: 0, memcache: 1 },
    isDefault: true,
    pinned: { states: 14_298, because },
  },
  {
    name: '3c2p',
    about: 'three CPUs, two pages that can change places, a protected and a normal guest',
    parameters: { cpus: 3, pages: 2, gpas: 1, protected: 1, normal: 1 },
    isDefault: false,
    pinned: { states: 335_726, because },
  },
  {
    name: '3c2p2g',
    about: 'three CPUs, two pages, two guest pages of a protected and a normal guest, cached translations',
    parameters: { cpus: 3, pages: 2, gpas: 2, protected: 1, normal: 1, translations: 1 },
    isDefault: false,
    pinned: { states: 21_033_107, because },
  },
];
