import type { Read } from '../../checker/index.ts';
import { cpuWith, guestAccess, type Outcome, translate } from '../../model/ept/index.ts';
import { sparseMemory } from '../../model/memory/index.ts';
import { PkvmLeaf } from '../../model/pkvm/index.ts';
import { eptPointer, eptWords, structurePage, type StructurePages } from './structures.ts';
import type { Table, TableWords } from './table.ts';

/** Each table has four structure pages of its own. */
const pagesOf = (table: Table): StructurePages => {
  const number = table === 'host' ? 0 : table === 'iommu' ? 1 : table;
  return level => structurePage(number * 4 + 4 - level);
};

/** The page of the leaves below the page-directory entry. */
export const leafTableAddress = (table: Table): bigint => pagesOf(table)(1);

/** What an address translates to: the page, what may be done with it, and how it is cached. Made by `translate()`. */
export interface Translation {
  readonly page: bigint;
  readonly write: boolean;
  readonly memoryType: number;
}

/** One access through the real words of a table: the paging structures are put together and walked. */
function access(
  words: TableWords,
  read: Read,
  table: Table,
  address: bigint,
  kind: 'read' | 'write',
): Outcome {
  const entries = words.entries(read, table, address);
  const pages = pagesOf(table);
  const memory = sparseMemory(eptWords(pages, address, entries));
  const outcome = translate(memory, cpuWith({ eptp: eptPointer(pages) }), guestAccess(kind, address));
  if (outcome.kind !== 'allowed' && outcome.kind !== 'ept_violation')
    throw new Error(`a walk of ${String(table)} to 0x${address.toString(16)} ended as ${outcome.kind}`);
  return outcome;
}

/** What the words of a table translate an address to; `undefined` where even reading is an EPT violation. */
export function walk(
  words: TableWords,
  read: Read,
  table: Table,
  address: bigint,
): Translation | undefined {
  const reading = access(words, read, table, address, 'read');
  if (reading.kind !== 'allowed') return undefined;
  const writing = access(words, read, table, address, 'write');
  const leaf = reading.walk.at(-1)?.word ?? 0n;
  return {
    page: reading.hpa,
    write: writing.kind === 'allowed',
    memoryType: PkvmLeaf.get(leaf, 'memoryType'),
  };
}
