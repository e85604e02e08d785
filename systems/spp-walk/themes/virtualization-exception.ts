import { everyKind } from '../access.ts';
import { field } from '../classes.ts';
import { addressWidth, at, wordSlot } from '../image.ts';
import {
  quietSppt,
  absent,
  absentSuppressed,
  eptSlot,
  fieldSlot,
  page,
  spptInvalid,
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

export const ve: Theme = {
  name: 've',
  endings: [
    'allowed',
    'ept_violation',
    'ept_misconfig',
    'spp_miss',
    'spp_misconfig',
    'virtualization_exception',
  ],
  about: 'virtualization exceptions: which EPT violations become one, and what the processor then writes',
  levels: 4,
  flags: false,
  cpu: {
    eptp: eptp4,
    spptp,
    maxPhysicalAddressWidth: addressWidth,
    controls: { spp: true },
    state: { veInfoAddress: at.veInfo },
  },
  fields: {
    eptViolationVe: switchSlot('eptViolationVe', 'on'),
    protectedMode: switchSlot('protectedMode', 'on'),
    eventDelivery: switchSlot('eventDelivery', 'off'),
    nmiUnblockingIret: switchSlot('nmiUnblockingIret', 'off'),
    veInfo: fieldSlot(
      'veInfo',
      field('free', 0n, true),
      field('free, old reason', 0x30n, true),
      field('in use', 0xffff_ffff_0000_0030n, false),
      field('in use by one bit', 0x8000_0000_0000_0000n, false),
    ),
  },
  ept: {
    4: eptSlot(4, table(4, 'rwx'), table(4, 'rwx', ['bit63']), absent, absentSuppressed),
    3: eptSlot(3, table(3, 'rwx')),
    2: eptSlot(2, table(2, 'rwx'), page(2, 'r--', ['bit63'])),
    1: eptSlot(
      1,
      page(1, 'r-x', ['bit61']),
      page(1, 'r-x', ['bit61', 'bit63']),
      page(1, 'r--'),
      writeOnly(page(1, '')),
    ),
  },
  sppt: {
    ...quietSppt,
    4: spptSlot(4, spptValid(4), spptInvalid, spptReserved(4)),
    1: vectorSlot('none', 'all'),
  },
  written: [8n, 16n, 24n, 32n].map(offset =>
    wordSlot(`#VE information ${offset}`, at.veInfo + offset, [field('empty', 0n, true)]),
  ),
  accesses: [everyKind[0], everyKind[2]].flatMap(choice => (choice === undefined ? [] : [inFour(choice)])),
};
