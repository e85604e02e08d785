import { field } from '../classes.ts';
import { addressWidth, at } from '../image.ts';
import { eptSlot, fieldSlot, page, switchSlot, table } from '../tables.ts';
import type { Theme } from '../theme.ts';
import { eptp4, spptp, inFour, accessed, shadow } from './processor.ts';
import { plainAccesses } from './ept.ts';

const bad = (name: string, word: bigint) => field(name, word, false);

export const entry: Theme = {
  name: 'entry',
  endings: ['allowed', 'vmentry_fail'],
  about: 'the checks of VM entry, on a processor that lacks what the EPTP may ask for',
  levels: 4,
  flags: false,
  cpu: {
    eptp: eptp4,
    spptp,
    maxPhysicalAddressWidth: addressWidth,
    controls: { pml: true },
    capabilities: { eptAdSupported: false, cet: false, fiveLevelWalk: false },
    state: { pmlAddress: at.pmlLog, veInfoAddress: at.veInfo },
  },
  fields: {
    spp: switchSlot('spp', 'on'),
    eptViolationVe: switchSlot('eptViolationVe', 'off'),
    eptp: fieldSlot(
      'eptp',
      field('write-back, 4 levels', eptp4, true),
      field('uncacheable', eptp4 - 6n, true),
      bad('memory type 1', eptp4 - 5n),
      bad('memory type 7', eptp4 + 1n),
      bad('5 levels', eptp4 + 8n),
      bad('3 levels', eptp4 - 8n),
      bad('accessed and dirty flags', eptp4 + accessed),
      bad('shadow stack', eptp4 + shadow),
      bad('bit 8', eptp4 + 0x100n),
      bad('bit 11', eptp4 + 0x800n),
      bad('bit 46', eptp4 + 2n ** 46n),
      bad('bit 63', eptp4 + 2n ** 63n),
    ),
    spptp: fieldSlot(
      'spptp',
      field('good', spptp, true),
      bad('bit 0', spptp + 1n),
      bad('bit 11', spptp + 0x800n),
      bad('bit 46', spptp + 2n ** 46n),
      bad('bit 63', spptp + 2n ** 63n),
    ),
    pmlAddress: fieldSlot(
      'pmlAddress',
      field('good', at.pmlLog, true),
      bad('bit 3', at.pmlLog + 8n),
      bad('bit 50', 2n ** 50n),
    ),
    veInfoAddress: fieldSlot(
      'veInfoAddress',
      field('good', at.veInfo, true),
      bad('bit 4', at.veInfo + 16n),
      bad('bit 50', 2n ** 50n),
    ),
  },
  ept: {
    4: eptSlot(4, table(4, 'rwx')),
    3: eptSlot(3, table(3, 'rwx')),
    2: eptSlot(2, table(2, 'rwx')),
    1: eptSlot(1, page(1, 'rwx')),
  },
  sppt: {},
  written: [],
  accesses: plainAccesses.slice(0, 1).map(inFour),
};
