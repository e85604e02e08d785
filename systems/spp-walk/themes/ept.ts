import { type AccessChoice, everyKind } from '../access.ts';
import { addressWidth, at } from '../image.ts';
import {
  quietSppt,
  absent,
  absentAllElse,
  absentBit10,
  eptSlot,
  page,
  spptInvalid,
  spptSlot,
  spptValid,
  table,
  vectorSlot,
  writeOnly,
  wrong,
} from '../tables.ts';
import type { Theme } from '../theme.ts';
import { rootAndType, eptp4, spptp, inFour, inFive } from './processor.ts';

export const plainAccesses: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'fetch', kind: 'execute', asks: ['execute'] },
  { name: 'user fetch', kind: 'execute', asks: ['execute'], more: { userMode: true, guestNx: true } },
  { name: 'write', kind: 'write', asks: ['write'], more: { guestWritable: false } },
  { name: 'read-modify-write', kind: 'rmw', asks: ['write'], more: { userMode: true } },
  {
    name: 'user shadow-stack write',
    kind: 'shadow_stack_write',
    asks: ['write'],
    more: { userMode: true },
  },
  { name: 'guest page walk', kind: 'read', asks: ['read'], more: { pageWalk: true } },
  { name: 'PDPTE load', kind: 'read', asks: ['read'], more: { pageWalk: true, linearValid: false } },
];

/** The EPT by itself: presence, misconfiguration and rights on every level and every page size. */
export const ept: Theme = {
  name: 'ept',
  endings: ['allowed', 'ept_violation', 'ept_misconfig'],
  about: 'the EPT walk: presence, misconfiguration and rights on every level and every page size',
  levels: 4,
  flags: false,
  cpu: { eptp: eptp4, maxPhysicalAddressWidth: addressWidth },
  fields: {},
  ept: {
    4: eptSlot(
      4,
      table(4, 'rwx'),
      table(4, 'r--'),
      table(4, '--x'),
      absent,
      absentBit10,
      writeOnly(table(4, '')),
    ),
    3: eptSlot(
      3,
      table(3, 'rwx'),
      table(3, 'rw-'),
      page(3, 'rwx'),
      page(3, '--x'),
      absentAllElse,
      wrong('bit 3', table(3, 'rwx'), 0x8n),
    ),
    2: eptSlot(
      2,
      table(2, 'rwx'),
      table(2, 'r-x'),
      page(2, 'rwx'),
      page(2, 'rw-'),
      absent,
      wrong('bit 12 of a 2-MByte page', page(2, 'rwx'), 0x1000n),
    ),
    1: eptSlot(
      1,
      page(1, 'rwx'),
      page(1, 'r--'),
      page(1, '--x'),
      page(1, 'r-xu', ['bit60', 'bit61']),
      absentAllElse,
      absentBit10,
      wrong('memory type 7', page(1, 'rwx'), 0x8n),
    ),
  },
  sppt: {},
  written: [],
  accesses: plainAccesses.map(inFour),
};

export const five: Theme = {
  name: 'five',
  endings: ['allowed', 'ept_violation', 'ept_misconfig', 'spp_miss'],
  about: 'a 5-level EPT, with the SPPT of four levels below it',
  levels: 5,
  flags: false,
  cpu: {
    eptp: rootAndType(at.ept[5], 0x8n),
    spptp,
    maxPhysicalAddressWidth: addressWidth,
    controls: { spp: true },
  },
  fields: {},
  ept: {
    5: eptSlot(
      5,
      table(5, 'rwx'),
      table(5, 'r-x'),
      table(5, '--x'),
      absent,
      absentAllElse,
      wrong('bit 7', table(5, 'rwx'), 0x80n),
      writeOnly(table(5, '')),
    ),
    4: eptSlot(4, table(4, 'rwx'), table(4, 'r--'), absent, wrong('bit 7', table(4, 'rwx'), 0x80n)),
    3: eptSlot(3, table(3, 'rwx'), page(3, 'r-x')),
    2: eptSlot(2, table(2, 'rwx'), page(2, 'rw-')),
    1: eptSlot(1, page(1, 'r-x', ['bit61']), page(1, 'rwx'), absent),
  },
  sppt: { ...quietSppt, 4: spptSlot(4, spptValid(4), spptInvalid), 1: vectorSlot('all', 'none') },
  written: [],
  accesses: everyKind.slice(0, 4).map(inFive),
};
