import { entryAddress, EptMemoryType, Eptp } from '../../model/ept/index.ts';
import { PAGE_SIZE, tableEntry } from '../../model/pkvm/index.ts';

type Level = 1 | 2 | 3 | 4;

/** Memory of the hypervisor that no call can name: above all RAM of the systems, below 46 bits. */
const HYPERVISOR = 1n << 44n;

/** A page of the hypervisor's memory, by its number: a table's paging structures lie in some of these. */
export const structurePage = (number: number): bigint => HYPERVISOR + BigInt(number) * PAGE_SIZE;

/** The pages in which the paging structures of one EPT lie, by level. */
export type StructurePages = (level: Level) => bigint;

/** An entry of the last levels: what a system has as its state. */
export interface LastEntry {
  readonly level: Level;
  readonly word: bigint;
}

export const eptPointer = (pages: StructurePages): bigint =>
  Eptp.encode({ memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, table: pages(4) });

/** The words that a walk to an address reads: the two levels that never change, and these entries below. */
export const eptWords = (
  pages: StructurePages,
  address: bigint,
  entries: readonly LastEntry[],
): (readonly [bigint, bigint])[] => [
  [entryAddress(pages(4), 4, address), tableEntry(pages(3))],
  [entryAddress(pages(3), 3, address), tableEntry(pages(2))],
  ...entries.map(({ level, word }) => [entryAddress(pages(level), level, address), word] as const),
];
