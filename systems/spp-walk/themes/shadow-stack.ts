import { type AccessChoice, supervisorShadowStack } from '../access.ts';
import { addressWidth, at } from '../image.ts';
import { quietSppt, absent, eptSlot, page, table, vectorSlot } from '../tables.ts';
import type { Theme } from '../theme.ts';
import { rootAndType, eptp4, spptp, inFour, shadow } from './processor.ts';

const shadowAccesses: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'write', kind: 'write', asks: ['write'] },
  {
    name: 'user shadow-stack write',
    kind: 'shadow_stack_write',
    asks: ['write'],
    more: { userMode: true },
  },
  ...supervisorShadowStack,
];

export const shadowStack: Theme = {
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
export const shadowStackOff: Theme = {
  ...shadowStack,
  name: 'shadow-stack-off',
  about: 'shadow-stack accesses without EPTP bit 7: plain reads and writes',
  cpu: { ...shadowStack.cpu, eptp: eptp4 },
  accesses: shadowAccesses.map(choice => inFour({ ...choice, isSupervisorShadowStack: false })),
};
