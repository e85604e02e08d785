import { address, bit, bits, ignored, layout, reserved, type Values } from '../bits/index.ts';

/**
 * The EPT paging-structure entries, one table a format. SDM vol. 3C, "The Extended Page Table Mechanism (EPT)",
 * "EPT Translation Mechanism"; facts 1.2. Bits 51:N of an address field are reserved for a physical-address width
 * N: `Layout.reservedBits`. A bit that only some control gives a meaning is a named field; whoever reads it asks
 * for the control first, and it is ignored without.
 */

/** EPT PML5 entry (PML5E): references an EPT PML4 table. Reserved bits 7:3. */
export const EptPml5e = layout('EptPml5e', {
  read: bit(0),
  write: bit(1),
  execute: bit(2),
  _7_3: reserved(7, 3),
  accessed: bit(8), // ignored unless EPTP[6]
  _9: ignored(9),
  executeUser: bit(10), // ignored unless mode-based execute control
  _11: ignored(11),
  table: address(51, 12),
  _62_52: ignored(62, 52),
  suppressVe: bit(63), // ignored unless EPT-violation #VE
});

/** EPT PML4 entry (PML4E): references an EPT page-directory-pointer table. Reserved bits 7:3. */
export const EptPml4e = layout('EptPml4e', EptPml5e.fields);

/** EPT page-directory-pointer-table entry (PDPTE) that references an EPT page directory. Reserved bits 6:3. */
export const EptPdpte = layout('EptPdpte', {
  read: bit(0),
  write: bit(1),
  execute: bit(2),
  _6_3: reserved(6, 3),
  mapsPage: bit(7), // 0 here
  accessed: bit(8),
  _9: ignored(9),
  executeUser: bit(10),
  _11: ignored(11),
  table: address(51, 12),
  _62_52: ignored(62, 52),
  suppressVe: bit(63),
});

/** EPT page-directory entry (PDE) that references an EPT page table. */
export const EptPde = layout('EptPde', EptPdpte.fields);

/** What every leaf has, of whatever size, below and above its page address. */
const leaf = {
  read: bit(0),
  write: bit(1),
  execute: bit(2),
  memoryType: bits(5, 3),
  ignorePat: bit(6),
  accessed: bit(8), // ignored unless EPTP[6]
  dirty: bit(9), // ignored unless EPTP[6]
  executeUser: bit(10), // ignored unless mode-based execute control
  _11: ignored(11),
  _56_52: ignored(56, 52),
  verifyPaging: bit(57), // ignored unless guest-paging verification
  pagingWrite: bit(58), // ignored unless EPT paging-write control
  _59: ignored(59),
  shadowStack: bit(60), // ignored unless EPTP[7]
  suppressVe: bit(63), // ignored unless EPT-violation #VE
};

/** EPT page-directory-pointer-table entry (PDPTE) that maps a 1-GByte page. Reserved bits 29:12. */
export const EptPdpte1G = layout('EptPdpte1G', {
  ...leaf,
  mapsPage: bit(7), // 1 here
  _29_12: reserved(29, 12),
  page: address(51, 30),
  _62_61: ignored(62, 61), // bit 61 means sub-page write permissions in a 4-KByte leaf only
});

/** EPT page-directory entry (PDE) that maps a 2-MByte page. Reserved bits 20:12. */
export const EptPde2M = layout('EptPde2M', {
  ...leaf,
  mapsPage: bit(7), // 1 here
  _20_12: reserved(20, 12),
  page: address(51, 21),
  _62_61: ignored(62, 61),
});

/** EPT page-table entry (PTE): maps a 4-KByte page. The only leaf in which bit 61 has a meaning. */
export const EptPte = layout('EptPte', {
  ...leaf,
  _7: ignored(7),
  page: address(51, 12),
  subPageWrite: bit(61), // ignored unless sub-page write permissions (secondary control 23)
  _62: ignored(62),
});
export type EptPte = Values<typeof EptPte.fields>;

/** EPT memory types that a leaf may have. SDM vol. 3C, "EPT and Memory Typing". 2, 3 and 7 are misconfigurations. */
export const EptMemoryType = { UC: 0, WC: 1, WT: 4, WP: 5, WB: 6 } as const;
