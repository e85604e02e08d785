import { bits, ignored, layout } from '../bits/index.ts';
import { EptPde, EptPde2M } from '../ept/entry.ts';
import { PkvmLeaf, viewOf } from './leaf.ts';
import { PAGE_SIZE } from './tables.ts';

/** What one page-directory entry covers. */
export const BLOCK_SIZE = 0x20_0000n;

const { _56_52, verifyPaging: _57, ...eptPde2MFields } = EptPde2M.fields;

/** A page-directory entry that maps 2 MByte, with pKVM's page state where a 4-KByte leaf has it. */
export const PkvmBlock = layout('PkvmBlock', {
  ...eptPde2MFields,
  _55_52: ignored(55, 52),
  pageState: bits(57, 56),
});

/** What a page-directory entry is: a leaf of 2 MByte, a reference to a table, or a leaf that maps nothing. */
export type BlockKind = 'maps' | 'table' | 'empty';

export function blockKind(pde: bigint): BlockKind {
  if (!viewOf(pde).isPresent) return 'empty';
  return EptPde.get(pde, 'mapsPage') ? 'maps' : 'table';
}

/** The page-directory entry that says of 2 MByte what a leaf says of its first page. An annotation stays as it is. */
export function blockOf(leaf: bigint): bigint {
  if (!viewOf(leaf).isPresent) return leaf;
  const { read, write, execute, memoryType, page, pageState } = PkvmLeaf.decode(leaf);
  return PkvmBlock.encode({ read, write, execute, memoryType, page, pageState, mapsPage: true });
}

/** What a page-directory entry that is a leaf says of its page number `index` (0 to 511), as a 4-KByte leaf. */
export function pageInBlock(pde: bigint, index: number): bigint {
  if (!viewOf(pde).isPresent) return pde;
  const { read, write, execute, memoryType, page, pageState } = PkvmBlock.decode(pde);
  const own = page + BigInt(index) * PAGE_SIZE;
  return PkvmLeaf.encode({ read, write, execute, memoryType, page: own, pageState });
}

/** The page-directory entry that references a table. Every right: the leaves decide. */
export const tableEntry = (table: bigint): bigint =>
  EptPde.encode({ read: true, write: true, execute: true, table });

/**
 * One of the 512 leaves that splitting a block gives: the same mapping, the same state, the same annotation.
 * facts/pkvm.md 4, I12; design.md Ownership, "Splitting an annotated huge leaf keeps the annotation on every child".
 */
export const splitLeaf = (pde: bigint, index: number): bigint => pageInBlock(pde, index);
