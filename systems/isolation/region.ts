import type { Read, Slot } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import {
  blockKind,
  blockOf,
  hostLeaf,
  NEVER_MAPPED,
  PageState,
  pageInBlock,
  PAGE_SIZE,
  showLeaf,
  type PkvmRules,
  tableEntry,
} from '../../model/pkvm/index.ts';
import type { Places } from '../pages/places.ts';
import { nameOfTable, type Table, type TableWords, type TableWrite } from '../pages/table.ts';
import { leafTableAddress } from '../pages/walk.ts';

/** One table's words for the region: its page-directory entry and the leaves of the table below it, if there is one. */
interface RegionWords {
  readonly first: bigint;
  readonly pde: Slot<bigint>;
  readonly leaves: readonly Slot<bigint>[];
}

const showPde =
  (kind: 'host' | 'guest') =>
  (pde: bigint): string => {
    if (blockKind(pde) === 'table') return 'a table';
    return blockKind(pde) === 'maps'
      ? `2M ${showLeaf(pageInBlock(pde, 0), kind)}`
      : `2M ${showLeaf(pde, kind)}`;
  };

function regionWords(table: Table, first: bigint, count: number, initial: bigint): RegionWords {
  const kind = table === 'host' ? 'host' : 'guest';
  const name = nameOfTable(table);
  return {
    first,
    pde: { name: `${name}.pde[${addressHex(first)}]`, initial, show: showPde(kind) },
    leaves: Array.from({ length: count }, (_, at) => ({
      name: `${name}[${addressHex(first + BigInt(at) * PAGE_SIZE)}]`,
      initial: NEVER_MAPPED,
      show: leaf => showLeaf(leaf, kind),
    })),
  };
}

/**
 * Tables of one 2-MByte region. Its page-directory entry maps it whole, annotates it whole, or references a table of
 * 512 leaves, of which the slots are representatives: each but the last can be named by a call of 4 KByte, the last
 * stands for all the others. A call of 2 MByte names them all.
 */
export function regionTables(places: Places, rules: Pick<PkvmRules, 'splitLeaf'>): TableWords {
  const { pages, gpas, vms } = places;
  const [hpa = 0n] = pages;
  const [gpa = 0n] = gpas;
  const mapped = blockOf(hostLeaf(hpa, PageState.PKVM_PAGE_OWNED));
  const tables = new Map<Table, RegionWords>([
    ['host', regionWords('host', hpa, pages.length, mapped)],
    ...vms.map(({ id }) => [id, regionWords(id, gpa, gpas.length, NEVER_MAPPED)] as const),
  ]);
  const placeOf = (table: Table, address: bigint): { words: RegionWords; index: number } | undefined => {
    const words = tables.get(table);
    if (words === undefined || address < words.first) return undefined;
    const index = Number((address - words.first) / PAGE_SIZE);
    return index < words.leaves.length ? { words, index } : undefined;
  };
  const slotAt = ({ words, index }: { words: RegionWords; index: number }): Slot<bigint> =>
    words.leaves[index] ?? words.pde;

  const leaf: TableWords['leaf'] = (read, table, address) => {
    const place = placeOf(table, address);
    if (place === undefined) return NEVER_MAPPED;
    const pde = read(place.words.pde);
    return blockKind(pde) === 'table' ? read(slotAt(place)) : pageInBlock(pde, place.index);
  };
  const entries: TableWords['entries'] = (read, table, address) => {
    const place = placeOf(table, address);
    if (place === undefined) return [{ level: 2, word: NEVER_MAPPED }];
    const pde = read(place.words.pde);
    if (blockKind(pde) !== 'table') return [{ level: 2, word: pde }];
    return [
      { level: 2, word: pde },
      { level: 1, word: read(slotAt(place)) },
    ];
  };
  const apply: TableWords['apply'] = (read, write, writes) => {
    for (const table of new Set(writes.map(one => one.table))) {
      const words = tables.get(table);
      const own = writes.filter(one => one.table === table);
      if (words === undefined) continue;
      if (own.length === words.leaves.length) {
        write(words.pde, blockOf(own[0]?.after ?? NEVER_MAPPED));
        for (const slot of words.leaves) write(slot, NEVER_MAPPED);
        continue;
      }
      const leaves = splitLeaves(words, read, rules);
      write(words.pde, tableEntry(leafTableAddress(table)));
      words.leaves.forEach((slot, at) =>
        write(slot, writtenTo(own, words, at) ?? leaves[at] ?? NEVER_MAPPED),
      );
    }
  };
  const collect: TableWords['collect'] = (read, leaves, lens) =>
    leaves.flatMap(({ table, address }, at) => {
      const saw = lens(leaf(read, table, address));
      return Boolean(saw) ? [{ at, saw }] : [];
    });
  return {
    slots: [...tables.values()].flatMap(({ pde, leaves }) => [pde, ...leaves]),
    leaf,
    // the leaves of a region are read off two words each: a loop over them is a plain one
    collect,
    some: (read, leaves, lens) =>
      leaves.some(({ table, address }) => Boolean(lens(leaf(read, table, address)))),
    entries,
    apply,
  };
}

/** The leaves of the table below the page-directory entry, or those that splitting it gives. */
function splitLeaves(
  words: RegionWords,
  read: Read,
  { splitLeaf }: Pick<PkvmRules, 'splitLeaf'>,
): bigint[] {
  const pde = read(words.pde);
  const isTable = blockKind(pde) === 'table';
  return words.leaves.map((slot, at) => (isTable ? read(slot) : splitLeaf(pde, at)));
}

const writtenTo = (writes: readonly TableWrite[], { first }: RegionWords, at: number): bigint | undefined =>
  writes.find(({ address }) => address === first + BigInt(at) * PAGE_SIZE)?.after;
