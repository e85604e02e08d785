import type { AccessChoice } from '../access.ts';
import { field } from '../classes.ts';
import { addressWidth, at, wordSlot } from '../image.ts';
import { quietSppt, absent, eptSlot, fieldSlot, page, table, vectorSlot } from '../tables.ts';
import type { Theme } from '../theme.ts';
import { rootAndType, eptp4, spptp, inFour, accessed } from './processor.ts';

const index = (value: bigint, isGood: boolean) => field(`index ${value}`, value, isGood);

const flagAccesses: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'fetch', kind: 'execute', asks: ['execute'] },
  { name: 'write', kind: 'write', asks: ['write'] },
  { name: 'read-modify-write', kind: 'rmw', asks: ['write'] },
  { name: 'guest page walk', kind: 'read', asks: ['read', 'write'], more: { pageWalk: true } },
  { name: 'PDPTE load', kind: 'read', asks: ['read'], more: { pageWalk: true, linearValid: false } },
];

export const flags: Theme = {
  name: 'flags',
  endings: ['allowed', 'ept_violation', 'pml_full'],
  about: 'accessed and dirty flags and the page-modification log, which the walk itself writes',
  levels: 4,
  flags: true,
  cpu: {
    eptp: rootAndType(at.ept[4], accessed),
    spptp,
    maxPhysicalAddressWidth: addressWidth,
    controls: { spp: true, pml: true },
    state: { pmlAddress: at.pmlLog },
  },
  fields: { pmlIndex: fieldSlot('pmlIndex', index(1n, true), index(511n, true), index(512n, false)) },
  ept: {
    4: eptSlot(4, table(4, 'rwx')),
    3: eptSlot(3, table(3, 'rwx')),
    2: eptSlot(2, table(2, 'rwx'), page(2, 'rwx')),
    1: eptSlot(1, page(1, 'r-x', ['bit61']), page(1, 'rwx'), page(1, 'r--'), absent),
  },
  sppt: { ...quietSppt, 1: vectorSlot('all', 'none') },
  written: [0n, 1n, 511n].map(entry =>
    wordSlot(`log entry ${entry}`, at.pmlLog + 8n * entry, [field('empty', 0n, true)]),
  ),
  accesses: flagAccesses.map(inFour),
};

/** Without EPTP bit 6 no access writes anything. */
export const flagsOff: Theme = {
  ...flags,
  name: 'flags-off',
  endings: ['allowed', 'ept_violation'],
  flags: false,
  about: 'the same processor with EPT accessed and dirty flags disabled',
  cpu: { ...flags.cpu, eptp: eptp4 },
  accesses: flagAccesses
    .map(choice => (choice.name === 'guest page walk' ? { ...choice, asks: ['read'] as const } : choice))
    .map(inFour),
};
