import { address, bits, flag, ignored, inWords, layout, reserved, type Values } from '../bits/index.ts';
import { sdm, seed } from '../citation.ts';

/**
 * The EPT paging-structure entries, one table a format. SDM vol. 3C, "The Extended Page Table Mechanism (EPT)",
 * "EPT Translation Mechanism"; facts 1.2. Bits 51:N of an address field are reserved for a physical-address width
 * N: `Layout.reservedBits`. A bit that only some control gives a meaning is a named field; whoever reads it asks
 * for the control first, and it is ignored without.
 */

const format = sdm('EPT Translation Mechanism');
const flagsSection = sdm('Accessed and Dirty Flags for EPT');

/** EPT memory types that a leaf may have. SDM vol. 3C, "EPT and Memory Typing". 2, 3 and 7 are misconfigurations. */
export const EptMemoryType = { UC: 0, WC: 1, WT: 4, WP: 5, WB: 6 } as const;

const memoryTypeNames: Readonly<Record<number, string>> = {
  0: 'uncacheable (UC)',
  1: 'write combining (WC)',
  4: 'write through (WT)',
  5: 'write protected (WP)',
  6: 'write back (WB)',
};

// What entries of several formats have in common. The comments say without what a bit is ignored.
const read = flag(0, 'R: read', format, ['reads allowed', 'no reads']);
const write = flag(1, 'W: write', format, ['writes allowed', 'no writes']);
const execute = flag(2, 'X: execute', format, ['fetches allowed', 'no fetches']);
const mapsPage = flag(7, 'maps a page', format, ['a large page', 'refers to a table']);
/** EPTP[6]. */
const accessed = flag(8, 'A: accessed', flagsSection, ['was accessed', 'not accessed, or flags off']);
/** EPTP[6]. */
const dirty = flag(9, 'D: dirty', flagsSection, ['was written', 'not written, or flags off']);
/** Mode-based execute control. */
const executeUser = flag(10, 'XU: execute, user', format, [
  'user-mode fetches allowed',
  'ignored, or no user-mode fetches',
]);
const table = inWords(address(51, 12), 'table address', format, () => 'where the next table lies');
const page = (lo: number): typeof table =>
  inWords(address(51, lo), 'page address', format, () => 'where the page lies');
/** EPT-violation #VE. */
const suppressVe = flag(63, 'suppress #VE', format, ['a violation exits', 'a violation may become #VE']);

/** EPT PML5 entry (PML5E): references an EPT PML4 table. Reserved bits 7:3. */
export const EptPml5e = layout('EptPml5e', {
  read,
  write,
  execute,
  _7_3: reserved(7, 3),
  accessed,
  _9: ignored(9),
  executeUser,
  _11: ignored(11),
  table,
  _62_52: ignored(62, 52),
  suppressVe,
});

/** EPT PML4 entry (PML4E): references an EPT page-directory-pointer table. Reserved bits 7:3. */
export const EptPml4e = layout('EptPml4e', EptPml5e.fields);

/** EPT page-directory-pointer-table entry (PDPTE) that references an EPT page directory. Reserved bits 6:3. */
export const EptPdpte = layout('EptPdpte', {
  read,
  write,
  execute,
  _6_3: reserved(6, 3),
  mapsPage, // 0 here
  accessed,
  _9: ignored(9),
  executeUser,
  _11: ignored(11),
  table,
  _62_52: ignored(62, 52),
  suppressVe,
});

/** EPT page-directory entry (PDE) that references an EPT page table. */
export const EptPde = layout('EptPde', EptPdpte.fields);

/** What every leaf has, of whatever size, below and above its page address. */
const leaf = {
  read,
  write,
  execute,
  memoryType: inWords(
    bits(5, 3),
    'memory type',
    sdm('EPT and Memory Typing'),
    type => memoryTypeNames[type] ?? 'not a memory type',
  ),
  ignorePat: flag(6, 'ignore PAT', format, ["the guest's PAT is ignored", "the guest's PAT counts"]),
  accessed,
  dirty,
  executeUser,
  _11: ignored(11),
  _56_52: ignored(56, 52),
  verifyPaging: flag(57, 'verify guest paging', format, ['set', 'clear']), // ignored unless guest-paging verification
  pagingWrite: flag(58, 'paging-write access', format, ['set', 'clear']), // ignored unless EPT paging-write control
  _59: ignored(59),
  // ignored unless EPTP[7]
  shadowStack: flag(60, 'supervisor shadow stack', format, ['a shadow-stack page', 'no shadow-stack page']),
  suppressVe,
};

/** EPT page-directory-pointer-table entry (PDPTE) that maps a 1-GByte page. Reserved bits 29:12. */
export const EptPdpte1G = layout('EptPdpte1G', {
  ...leaf,
  mapsPage, // 1 here
  _29_12: reserved(29, 12),
  page: page(30),
  _62_61: ignored(62, 61), // bit 61 means sub-page write permissions in a 4-KByte leaf only
});

/** EPT page-directory entry (PDE) that maps a 2-MByte page. Reserved bits 20:12. */
export const EptPde2M = layout('EptPde2M', {
  ...leaf,
  mapsPage, // 1 here
  _20_12: reserved(20, 12),
  page: page(21),
  _62_61: ignored(62, 61),
});

/** EPT page-table entry (PTE): maps a 4-KByte page. The only leaf in which bit 61 has a meaning. */
export const EptPte = layout('EptPte', {
  ...leaf,
  _7: ignored(7),
  page: page(12),
  // ignored unless sub-page write permissions (secondary control 23)
  subPageWrite: flag(61, 'sub-page write (SPP)', seed('001', 'ept_leaf_entry.spp_bit (bit 61)'), [
    'the sub-page table decides writes',
    'no sub-page permissions',
  ]),
  _62: ignored(62),
});
export type EptPte = Values<typeof EptPte.fields>;
