import { PAGE_SIZE } from '../tables.ts';
import type { LeafTable, Range } from './leaf-table.ts';
import type { AddressRange, CountedMachine } from './machine.ts';

const WORD = 1n << 64n;

export const isPageAligned = (value: bigint): boolean => value % PAGE_SIZE === 0n;
const pageUp = (value: bigint): bigint => ((value + PAGE_SIZE - 1n) / PAGE_SIZE) * PAGE_SIZE;
const pageDown = (value: bigint): bigint => value - (value % PAGE_SIZE);

/** Whether a range neither wraps nor would wrap when rounded up to whole pages. facts/pkvm-2026.md 1.2, R1. */
export const fitsAddressSpace = (start: bigint, size: bigint): boolean => pageUp(start + size) < WORD;

/** Every page that a range touches; none of one that wraps. */
export function* pagesOf(start: bigint, size: bigint): Generator<bigint> {
  if (start + size >= WORD) return;
  for (let page = pageDown(start); page < pageUp(start + size); page += PAGE_SIZE) yield page;
}

const contains = ({ start, end }: AddressRange, from: bigint, size: bigint): boolean =>
  from >= start && BigInt.asUintN(64, from + size) <= end && from < end;

/** Whether a range lies inside one memblock. R2. */
export const isMemory = ({ memblocks }: CountedMachine, start: bigint, size: bigint): boolean =>
  memblocks.some(block => contains(block, start, size));

/** Whether a range touches no RAM at all. */
export const isMmio = ({ memblocks }: CountedMachine, start: bigint, size: bigint): boolean =>
  !memblocks.some(block => start < block.end && block.start < start + size);

/** Whether a table can be walked over a range: something to walk, inside the address space. R3. */
export const isWalkable = (table: LeafTable, { start, size }: Range): boolean =>
  size > 0n && start + size <= table.end;
