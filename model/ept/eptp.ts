import { address, bits, flag, inWords, layout, reserved } from '../bits/index.ts';
import { sdm } from '../citation.ts';

const pointer = sdm('Extended-Page-Table Pointer (EPTP)');

/** EPT pointer, VMCS field 0x201A. SDM vol. 3C, "Extended-Page-Table Pointer (EPTP)"; facts 1.1. */
export const Eptp = layout('Eptp', {
  memoryType: bits(2, 0), // of the EPT paging structures: 0 UC, 6 WB
  // 3: 4-level, 4: 5-level
  walkLengthMinusOne: inWords(bits(5, 3), 'walk length - 1', pointer, length => `${length + 1} levels`),
  accessedDirty: flag(6, 'A/D flags', pointer, ['enabled', 'off']),
  // access rights for supervisor shadow-stack pages
  supervisorShadowStack: flag(7, 'shadow-stack control', pointer, ['enforced', 'off']),
  _11_8: reserved(11, 8),
  table: address(51, 12),
  _63_52: reserved(63, 52),
});

export const eptpVmcsEncoding = 0x201a;
