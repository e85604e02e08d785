import { PkvmLeaf, viewOf } from './leaf.ts';

/** Whether the sub-page permission table decides writes to this page: a present leaf with bit 61, and without W. */
export const isGuarded = (leaf: bigint): boolean =>
  viewOf(leaf).isPresent && PkvmLeaf.get(leaf, 'subPageWrite');

/** The leaf under a vector: bit 61 for W, in one word. Bits 57:56 stay as they are. */
export const guardedLeaf = (leaf: bigint): bigint =>
  PkvmLeaf.with(leaf, { write: false, subPageWrite: true });

/** The leaf without a vector: W for bit 61. */
export const openLeaf = (leaf: bigint): bigint => PkvmLeaf.with(leaf, { write: true, subPageWrite: false });
