import type { Profile } from '../system.ts';

const because = 'as explored: interleavings have no closed form, and a change of it must be looked at';

/** A protected guest, its vectors set by the hypervisor; a protected and a normal one. */
const protectedOne = { protected: 1, normal: 0, holder: 'hypervisor' } as const;
const both = { ...protectedOne, normal: 1 } as const;
/** Two guest pages take two kinds of vectors and of rights at most, to stay small. */
const twoGpas = { ...protectedOne, gpas: 2, vectors: 2, prots: 1 } as const;

/** A profile for each party that can hold the interface, and for each thing that takes more than one page. */
export const guardedPageProfiles: readonly Profile[] = [
  {
    name: 'hypervisor',
    about: 'a protected guest, its vectors set by the hypervisor on its behalf',
    parameters: protectedOne,
    isDefault: true,
    pinned: { states: 859, because },
  },
  {
    name: 'guest',
    about: 'a protected guest that sets its own vectors',
    parameters: { ...protectedOne, holder: 'guest' },
    isDefault: true,
    pinned: { states: 859, because: 'who may set vectors changes who is refused, and no state' },
  },
  {
    name: 'nobody',
    about: 'a protected guest whose vectors nobody may set',
    parameters: { ...protectedOne, holder: 'nobody' },
    isDefault: true,
    pinned: { states: 129, because },
  },
  {
    name: 'host',
    about: 'a normal guest, its vectors set by user space of the host',
    parameters: { protected: 0, normal: 1 },
    isDefault: true,
    pinned: { states: 651, because },
  },
  {
    name: 'two-cpus',
    about: 'two CPUs that cache translations, vectors and tables',
    parameters: { ...protectedOne, cpus: 2 },
    isDefault: true,
    pinned: { states: 2709, because },
  },
  {
    name: 'two-gpas',
    about: 'two guest pages whose vectors share one page of the SPPT',
    parameters: twoGpas,
    isDefault: true,
    pinned: { states: 8833, because },
  },
  {
    name: 'donated',
    about: "the SPPT's page comes from the host and goes back to it",
    parameters: { ...twoGpas, sppt: 'donated' },
    isDefault: true,
    pinned: { states: 1867, because },
  },
  {
    name: 'two-guests',
    about: 'a protected and a normal guest that get the same two pages in turn',
    parameters: both,
    isDefault: true,
    pinned: { states: 43_889, because },
  },
  {
    name: 'large',
    about: 'two guests, two pages, two CPUs, vectors of three kinds',
    parameters: { ...both, cpus: 2 },
    isDefault: false,
    pinned: { states: 406_233, because },
  },
  {
    name: 'large-donated',
    about: "the same with a third page, and the pages of both guests' vectors from the host",
    parameters: { ...both, cpus: 2, pages: 3, sppt: 'donated' },
    isDefault: false,
    pinned: { states: 462_073, because },
  },
  {
    name: 'everything',
    about: 'two guests with two guest pages each, two pages, two CPUs, vectors of three kinds',
    parameters: { ...both, cpus: 2, gpas: 2 },
    isDefault: false,
    pinned: { states: 5_256_445, because },
  },
];
