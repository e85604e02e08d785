import { everyKind } from '../access.ts';
import { addressWidth } from '../image.ts';
import {
  absent,
  eptSlot,
  page,
  spptInvalid,
  spptInvalidReserved,
  spptReserved,
  spptSlot,
  spptValid,
  switchSlot,
  table,
  vectorSlot,
  writeOnly,
} from '../tables.ts';
import type { Theme } from '../theme.ts';
import { eptp4, spptp, inFour } from './processor.ts';

/** The seeds' drawing: everything that decides a write under SPP, every combination. */
export const spp: Theme = {
  name: 'spp',
  endings: ['allowed', 'ept_violation', 'ept_misconfig', 'spp_miss', 'spp_misconfig'],
  about: 'the sub-page walk: control, bit 61, rights, every SPPT level, the vector, every kind of access',
  levels: 4,
  flags: false,
  cpu: { eptp: eptp4, spptp, maxPhysicalAddressWidth: addressWidth },
  fields: { spp: switchSlot('spp', 'on') },
  ept: {
    4: eptSlot(4, table(4, 'rwx'), table(4, 'r-x')),
    3: eptSlot(3, table(3, 'rwx'), page(3, 'r-x', ['bit61'])),
    2: eptSlot(2, table(2, 'rwx'), table(2, '--x'), page(2, 'r-x', ['bit61'])),
    1: eptSlot(
      1,
      page(1, 'r-x', ['bit61']),
      page(1, 'rwx', ['bit61']),
      page(1, 'r-x'),
      page(1, '--x', ['bit61']),
      page(1, 'r--', ['bit61']),
      absent,
      writeOnly(page(1, '', ['bit61'])),
    ),
  },
  sppt: {
    4: spptSlot(4, spptValid(4), spptInvalid, spptInvalidReserved, spptReserved(4)),
    3: spptSlot(3, spptValid(3), spptInvalid, spptInvalidReserved, spptReserved(3)),
    2: spptSlot(2, spptValid(2), spptInvalid, spptInvalidReserved, spptReserved(2)),
    1: vectorSlot('all', 'none', 'only5', 'allBut5', 'allBut6', 'oddBitOf5', 'oddBitOf20'),
  },
  written: [],
  accesses: everyKind.map(inFour),
};
