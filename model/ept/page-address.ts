import { address, layout, reserved } from '../bits/index.ts';

/** A 4-KByte aligned physical address in a VMCS field: of the page-modification log, of the #VE information. */
export const PageAddress = layout('PageAddress', {
  _11_0: reserved(11, 0),
  page: address(51, 12),
  _63_52: reserved(63, 52),
});
