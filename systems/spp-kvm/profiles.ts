import type { Parameters, Profile } from '../system.ts';

const profile = (name: string, about: string, parameters: Parameters, isDefault = true): Profile => ({
  name,
  about,
  parameters,
  isDefault,
});

export const sppKvmProfiles: readonly Profile[] = [
  profile('life', 'one page, one vector, one write: small enough to read', {
    vectors: 2,
    accesses: 1,
    sections: 0,
  }),
  profile('page', 'one page, four vectors, every access, cached translations, emulation, bad arguments', {
    mm: 1,
    tlb: 1,
    malformed: 1,
    emulation: 1,
  }),
  profile(
    'page-small',
    'the same with three vectors and three accesses: what mutants are tried in',
    { vectors: 3, accesses: 3, mm: 1, tlb: 1, malformed: 1, emulation: 1 },
    false,
  ),
  profile(
    'race',
    'one page, two vectors that differ, and nothing beside the guest and the ioctls',
    { vectors: 3, accesses: 2 },
    false,
  ),
  profile(
    'logging',
    'one page with dirty logging and access tracking',
    { vectors: 3, mm: 1, logging: 1, tracking: 1, emulation: 1 },
    false, // a few seconds: in the tests and in the long explorations
  ),
  profile('boundary', 'two pages on both sides of a 2-MByte boundary, set together and apart', {
    frames: 2,
    boundary: 1,
    range: 2,
    vectors: 2,
    accesses: 1,
    mm: 1,
  }),
  profile(
    'boundary-atomic',
    'the same with two vectors that differ, and nothing else happening during a SET',
    { frames: 2, boundary: 1, range: 2, vectors: 3, accesses: 1, sections: 0 },
    false,
  ),
  profile('region', 'two pages of one 2-MByte region, which a large page may map', {
    frames: 2,
    range: 2,
    mixed: 1,
    vectors: 2,
    accesses: 2,
    large: 1,
    emulation: 1,
  }),
  profile('memslots', 'two pages in memslots of their own, which come and go', {
    frames: 2,
    range: 2,
    memslots: 2,
    vectors: 2,
    accesses: 1,
  }),
  profile('two-vcpus', 'two vCPUs write one page and free the roots', {
    vcpus: 2,
    vectors: 2,
    accesses: 2,
    roots: 1,
  }),
  profile('host', 'vCPUs that come late, and another VM on the same host', {
    vectors: 2,
    accesses: 2,
    late: 1,
    other: 1,
  }),
  profile('2017', 'one page under the RFC of 2017 (seeds 002, 003): eager, the instruction is skipped', {
    dialect: '2017',
    mm: 1,
  }),
  profile('2019', 'one page under v4 of 2019 (seed 001): eager, the instruction is skipped', {
    dialect: '2019',
    mm: 1,
  }),
  profile('v7', 'one page under v7 of 2019: lazy, leaves are marked in place, the instruction is skipped', {
    dialect: 'v7',
    vectors: 3,
    accesses: 3,
    mm: 1,
  }),
  profile(
    'page-everything',
    'one page with everything that there is: logging, tracking, roots, a memslot, caches, emulation',
    { mm: 1, tlb: 1, logging: 1, tracking: 1, roots: 1, memslots: 1, emulation: 1 },
    false,
  ),
  profile(
    'four-pages',
    'four pages, two on each side of the boundary, every range of them',
    { frames: 4, boundary: 1, range: 4, vectors: 2, accesses: 1, sections: 0 },
    false,
  ),
  profile(
    'two-vcpus-boundary',
    'two vCPUs write two pages on both sides of the boundary, with an ioctl in flight',
    { frames: 2, boundary: 1, vcpus: 2, range: 2, vectors: 3, accesses: 2 },
    false,
  ),
  profile(
    'everything',
    'the same with dirty logging, a memslot that comes and goes, and the host unmapping and prefetching',
    { frames: 2, boundary: 1, vcpus: 2, range: 2, vectors: 2, accesses: 2, mm: 1, logging: 1, memslots: 1 },
    false,
  ),
];
