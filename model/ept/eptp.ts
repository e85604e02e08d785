import { address, bit, bits, layout, reserved } from '../bits/index.ts';

/** EPT pointer, VMCS field 0x201A. SDM vol. 3C, "Extended-Page-Table Pointer (EPTP)"; facts 1.1. */
export const Eptp = layout('Eptp', {
  memoryType: bits(2, 0), // of the EPT paging structures: 0 UC, 6 WB
  walkLengthMinusOne: bits(5, 3), // 3: 4-level, 4: 5-level
  accessedDirty: bit(6), // enable accessed and dirty flags
  supervisorShadowStack: bit(7), // enforce access rights for supervisor shadow-stack pages
  _11_8: reserved(11, 8),
  table: address(51, 12),
  _63_52: reserved(63, 52),
});

export const eptpVmcsEncoding = 0x201a;
