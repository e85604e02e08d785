import { PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import { memoryTypeName } from '../../model/ept/index.ts';
import type { TableLeaf, TableReading } from './read-table.ts';

/** What a leaf says, in words that are the same for all leaves of one range. */
export interface LeafMeaning {
  /** `OWNED`, `SHARED_OWNED`, `SHARED_BORROWED`, `NOPAGE`; absent in a table that is not pKVM's. */
  readonly state?: string;
  /** `rwx`, `r--`, `---`. */
  readonly rights: string;
  /** The memory type of a leaf that is present. */
  readonly memoryType?: string;
  /** The recorded owner of a leaf that is not present and NOPAGE; in the host EPT only. */
  readonly owner?: number;
  /** Why the processor refuses the entry, where it does. */
  readonly misconfigured?: string;
}

/** Whose table it is: pKVM's host table, a guest's under pKVM, or one of which nothing is known. */
export type TableKind = 'host' | 'guest' | 'ept';

/** Addresses that follow one another and mean the same. */
export interface LeafRange extends LeafMeaning {
  readonly gpa: bigint;
  readonly size: bigint;
  /** Where it maps to; absent where it maps nothing. */
  readonly page?: bigint;
  /** The first word. */
  readonly word: bigint;
  readonly at: bigint;
  /** How many leaves. */
  readonly leaves: number;
}

const stateNames = ['NOPAGE', 'OWNED', 'SHARED_OWNED', 'SHARED_BORROWED'] as const;

/** Reads one leaf as pKVM does. */
export function meaningOf(
  { word, isPresent, misconfigured }: Pick<TableLeaf, 'word' | 'isPresent' | 'misconfigured'>,
  table: TableKind,
): LeafMeaning {
  const { pageState, ownerId } = viewOf(word);
  const { read, write, execute, memoryType } = PkvmLeaf.decode(word);
  const state = stateNames[pageState];
  const rights = `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
  const own = table === 'ept' ? {} : { state };
  if (misconfigured !== undefined) return { ...own, rights, misconfigured };
  if (isPresent) return { ...own, rights, memoryType: memoryTypeName(memoryType) };
  if (table === 'ept') return { rights };
  return table === 'host' && state === 'NOPAGE' ? { state, rights, owner: ownerId } : { state, rights };
}

const isSame = (a: LeafMeaning, b: LeafMeaning): boolean =>
  a.state === b.state &&
  a.rights === b.rights &&
  a.memoryType === b.memoryType &&
  a.owner === b.owner &&
  a.misconfigured === b.misconfigured;

/** The leaves of a table as ranges, in order of address; what is not mapped in a guest is left out. */
export function rangesOf({ leaves }: TableReading, table: TableKind): readonly LeafRange[] {
  const ranges: LeafRange[] = [];
  const ordered = [...leaves].sort((a, b) => (a.gpa < b.gpa ? -1 : 1));
  for (const leaf of ordered) {
    if (table !== 'host' && leaf.word === 0n) continue;
    const meaning = meaningOf(leaf, table);
    const last = ranges.at(-1);
    if (last !== undefined && continues(last, leaf, meaning)) {
      ranges[ranges.length - 1] = { ...last, size: last.size + leaf.size, leaves: last.leaves + 1 };
    } else {
      const { gpa, size, word, at } = leaf;
      ranges.push({
        ...meaning,
        gpa,
        size,
        word,
        at,
        leaves: 1,
        ...(leaf.isPresent ? { page: leaf.page } : {}),
      });
    }
  }
  return ranges;
}

function continues(last: LeafRange, leaf: TableLeaf, meaning: LeafMeaning): boolean {
  const isNext = last.gpa + last.size === leaf.gpa && isSame(last, meaning);
  return (
    isNext &&
    (last.page === undefined ? !leaf.isPresent : leaf.isPresent && last.page + last.size === leaf.page)
  );
}
