import type { Read } from '../../checker/index.ts';
import { BLOCK_SIZE, PAGE_SIZE } from '../../model/pkvm/index.ts';
import type { Table } from '../pages/table.ts';
import type { World } from './world.ts';

/** A range as a caller names it (`size`) and as the words of the model hold it (`bytes`). */
export interface Span {
  readonly gpa: bigint;
  /** What the call says: 4 KByte or 2 MByte. */
  readonly size: bigint;
  /** What the call reaches of the model: with a region, as many pages as there are representatives. */
  readonly bytes: bigint;
}

const wholeRegion = ({ gpas, pages }: World): Span & { readonly hpas: readonly bigint[] } => ({
  gpa: gpas[0] ?? 0n,
  size: BLOCK_SIZE,
  bytes: BigInt(gpas.length) * PAGE_SIZE,
  hpas: pages.slice(0, 1),
});

/**
 * The ranges that a call can name in a guest's table, each with the pages that it can be about. Of a region: the
 * whole, and each representative but the last, which stands for pages that no call names singly.
 */
export function rangesOf(world: World): readonly (Span & { readonly hpas: readonly bigint[] })[] {
  const { size, gpas, pages, mmio } = world;
  const single = (gpa: bigint, hpas: readonly bigint[]): Span & { readonly hpas: readonly bigint[] } => ({
    gpa,
    size: PAGE_SIZE,
    bytes: PAGE_SIZE,
    hpas,
  });
  if (!size.isRegion) return gpas.map(gpa => single(gpa, [...pages, ...mmio]));
  return [wholeRegion(world), ...gpas.slice(0, -1).map((gpa, at) => single(gpa, pages.slice(at, at + 1)))];
}

/** The range that a caller who drops large leaves whole reaches: all of a region that is mapped by one leaf. */
export function spanAt(world: World, read: Read, table: Table, span: Span): Span {
  const isLarge = world.size.isRegion && world.words.entries(read, table, span.gpa).length === 1;
  return isLarge ? wholeRegion(world) : span;
}
