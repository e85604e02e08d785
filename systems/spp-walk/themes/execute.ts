import type { AccessChoice } from '../access.ts';
import { addressWidth } from '../image.ts';
import { absent, absentAllElse, eptSlot, page, table, writeOnly, wrong } from '../tables.ts';
import type { Theme } from '../theme.ts';
import { eptp4, inFour } from './processor.ts';

const executes: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'write', kind: 'write', asks: ['write'] },
  { name: 'supervisor fetch', kind: 'execute', asks: ['execute'] },
  { name: 'user fetch', kind: 'execute', asks: ['executeUser'], more: { userMode: true } },
];

export const mbe: Theme = {
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
export const limits: Theme = {
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
