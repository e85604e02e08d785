import { type AccessChoice, everyKind, walkAccess } from './access.ts';
import { field } from './classes.ts';
import { addressWidth, at, gpaAt, wordSlot } from './image.ts';
import {
  absent,
  absentAllElse,
  absentBit10,
  absentSuppressed,
  eptSlot,
  fieldSlot,
  page,
  quietSppt,
  spptInvalid,
  spptInvalidReserved,
  spptReserved,
  spptSlot,
  spptValid,
  switchSlot,
  table,
  vectorSlot,
  writeOnly,
  wrong,
} from './tables.ts';
import type { Theme } from './theme.ts';

const rootAndType = (root: bigint, flags = 0n): bigint => root + 0x1en + flags; // 4 levels, write-back
const eptp4 = rootAndType(at.ept[4]);
const spptp = at.sppt[4];
const inFour = (choice: AccessChoice) => walkAccess(choice, offset => gpaAt(offset, 4));
const inFive = (choice: AccessChoice) => walkAccess(choice, offset => gpaAt(offset, 5));
const accessed = 0x40n; // EPTP bit 6
const shadow = 0x80n; // EPTP bit 7

/** The seeds' drawing: everything that decides a write under SPP, every combination. */
const spp: Theme = {
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

const plainAccesses: readonly AccessChoice[] = [
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
const ept: Theme = {
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

const five: Theme = {
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

const executes: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'write', kind: 'write', asks: ['write'] },
  { name: 'supervisor fetch', kind: 'execute', asks: ['execute'] },
  { name: 'user fetch', kind: 'execute', asks: ['executeUser'], more: { userMode: true } },
];

const mbe: Theme = {
  name: 'mbe',
  endings: ['allowed', 'ept_violation', 'ept_misconfig'],
  about: 'mode-based execute control: bit 2 for supervisor-mode and bit 10 for user-mode linear addresses',
  levels: 4,
  flags: false,
  cpu: { eptp: eptp4, maxPhysicalAddressWidth: addressWidth, controls: { mbe: true } },
  fields: {},
  ept: {
    4: eptSlot(4, table(4, 'rwxu'), table(4, 'rwx'), table(4, 'r--u'), table(4, '---u'), absentAllElse),
    3: eptSlot(3, table(3, 'rwxu'), page(3, 'r-xu')),
    2: eptSlot(2, table(2, 'rwxu'), table(2, '--xu'), writeOnly(table(2, '---u'))),
    1: eptSlot(1, page(1, 'rwxu'), page(1, 'rw-u'), page(1, 'r-x'), page(1, '---u'), absent),
  },
  sppt: {},
  written: [],
  accesses: executes.map(inFour),
};

/** A processor that lacks what it may lack: the same words mean something else. */
const limits: Theme = {
  name: 'limits',
  endings: ['allowed', 'ept_violation', 'ept_misconfig'],
  about: 'a processor without execute-only, large pages and advanced information',
  levels: 4,
  flags: false,
  cpu: {
    eptp: eptp4,
    maxPhysicalAddressWidth: addressWidth,
    controls: { mbe: true },
    capabilities: { executeOnly: false, twoMPages: false, oneGPages: false, advEptInfo: false },
  },
  fields: {},
  ept: {
    4: eptSlot(
      4,
      table(4, 'rwxu'),
      wrong('--x', table(4, ''), 0x4n),
      wrong('bit 10 alone', table(4, ''), 0x400n),
      absent,
    ),
    3: eptSlot(
      3,
      table(3, 'rwxu'),
      wrong('1-GByte page', page(3, 'rwxu'), 0n),
      wrong('--x', table(3, ''), 0x4n),
    ),
    2: eptSlot(2, table(2, 'rwxu'), wrong('2-MByte page', page(2, 'rwxu'), 0n), table(2, 'r--')),
    1: eptSlot(1, page(1, 'rwxu'), page(1, 'r--'), wrong('--x', page(1, ''), 0x4n), absent),
  },
  sppt: {},
  written: [],
  accesses: [
    ...executes,
    { name: 'user read', kind: 'read', asks: ['read'], more: { userMode: true, guestNx: true } } as const,
  ].map(inFour),
};

const shadowAccesses: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'write', kind: 'write', asks: ['write'] },
  {
    name: 'user shadow-stack write',
    kind: 'shadow_stack_write',
    asks: ['write'],
    more: { userMode: true },
  },
  {
    name: 'supervisor shadow-stack read',
    kind: 'shadow_stack_read',
    asks: ['read'],
    more: { supervisorShadowStack: true },
    isSupervisorShadowStack: true,
  },
  {
    name: 'supervisor shadow-stack write',
    kind: 'shadow_stack_write',
    asks: ['read'],
    more: { supervisorShadowStack: true },
    isSupervisorShadowStack: true,
  },
];

const shadowStack: Theme = {
  name: 'shadow-stack',
  endings: ['allowed', 'ept_violation'],
  about: 'supervisor shadow-stack access rights (EPTP bit 7), beside the sub-page walk',
  levels: 4,
  flags: false,
  cpu: {
    eptp: rootAndType(at.ept[4], shadow),
    spptp,
    maxPhysicalAddressWidth: addressWidth,
    controls: { spp: true },
  },
  fields: {},
  ept: {
    4: eptSlot(4, table(4, 'rwx'), table(4, 'r-x'), table(4, '--x'), absent),
    3: eptSlot(3, table(3, 'rwx'), page(3, 'r-x', ['bit60']), page(3, 'rwx')),
    2: eptSlot(2, table(2, 'rwx'), table(2, 'r-x')),
    1: eptSlot(
      1,
      page(1, 'rwx', ['bit60']),
      page(1, 'rwx'),
      page(1, 'r-x', ['bit60']),
      page(1, 'r-x', ['bit60', 'bit61']),
      page(1, 'r-x', ['bit61']),
      page(1, '--x', ['bit60', 'bit61']),
      absent,
    ),
  },
  sppt: { ...quietSppt, 1: vectorSlot('all', 'none') },
  written: [],
  accesses: shadowAccesses.map(inFour),
};

/** The same accesses where EPTP bit 7 is 0: they are plain ones. */
const shadowStackOff: Theme = {
  ...shadowStack,
  name: 'shadow-stack-off',
  about: 'shadow-stack accesses without EPTP bit 7: plain reads and writes',
  cpu: { ...shadowStack.cpu, eptp: eptp4 },
  accesses: shadowAccesses
    .map(choice => ({ ...choice, isSupervisorShadowStack: false }))
    .map(choice =>
      choice.kind === 'shadow_stack_write' ? { ...choice, asks: ['write'] as const } : choice,
    )
    .map(inFour),
};

const index = (value: bigint, isGood: boolean) => field(`index ${value}`, value, isGood);

const flagAccesses: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'fetch', kind: 'execute', asks: ['execute'] },
  { name: 'write', kind: 'write', asks: ['write'] },
  { name: 'read-modify-write', kind: 'rmw', asks: ['write'] },
  { name: 'guest page walk', kind: 'read', asks: ['read', 'write'], more: { pageWalk: true } },
  { name: 'PDPTE load', kind: 'read', asks: ['read'], more: { pageWalk: true, linearValid: false } },
];

const flags: Theme = {
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
const flagsOff: Theme = {
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

const ve: Theme = {
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

const bad = (name: string, word: bigint) => field(name, word, false);

const entry: Theme = {
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

export const themes: readonly Theme[] = [
  spp,
  ept,
  five,
  mbe,
  limits,
  shadowStack,
  shadowStackOff,
  flags,
  flagsOff,
  ve,
  entry,
];
