import type { PhysicalMemory } from '../../model/memory/index.ts';

/** A page of a table: what its first entry is for, and how much each entry covers. */
export interface TablePage<Level> {
  readonly page: bigint;
  readonly level: Level;
  /** The first address that the page is for. */
  readonly gpa: bigint;
  /** The address of the entry, or the pointer, that refers to it. */
  readonly from: bigint;
}

/** An entry that was read: of which level, for which addresses, and where it lies. */
export interface TableEntry<Level> {
  readonly level: Level;
  readonly gpa: bigint;
  readonly size: bigint;
  readonly at: bigint;
  readonly word: bigint;
}

/** A page of the table that the memory does not hold, or not all of. */
export interface MissingTable<Level = number> {
  readonly page: bigint;
  readonly level: Level;
  readonly gpa: bigint;
  readonly size: bigint;
}

export interface PagesRead<Level> {
  readonly missing: readonly MissingTable<Level>[];
  /** The physical pages that the table itself lies in. */
  readonly pages: ReadonlySet<bigint>;
  /** Pages that two entries refer to: read once. */
  readonly usedTwice: readonly { readonly page: bigint; readonly at: bigint }[];
}

const entryCount = 512;

/**
 * Reads every entry of every page of a table once, in order of address. Time and memory grow with the pages that the
 * memory holds, not with what a broken table claims to map.
 *
 * @param covers how many bytes one entry of a level covers
 * @param below takes an entry: the page that it refers to, or `undefined` where the walk ends in it
 */
export function readPages<Level>(
  memory: PhysicalMemory,
  roots: readonly (TablePage<Level> & { readonly entries?: number })[],
  covers: (level: Level) => bigint,
  below: (entry: TableEntry<Level>) => { readonly page: bigint; readonly level: Level } | undefined,
): PagesRead<Level> {
  const missing: MissingTable<Level>[] = [];
  const pages = new Set<bigint>();
  const usedTwice: { readonly page: bigint; readonly at: bigint }[] = [];
  const read = ({ page, level, gpa, from }: TablePage<Level>, entries = entryCount): void => {
    if (pages.has(page)) {
      usedTwice.push({ page, at: from });
      return;
    }
    pages.add(page);
    const size = covers(level);
    let unknown = 0;
    for (let index = 0n; index < entries; index++) {
      const at = page + 8n * index;
      const word = memory.read(at);
      if (word === undefined) {
        unknown++;
        continue;
      }
      const entry = { level, gpa: gpa + index * size, size, at, word };
      const next = below(entry);
      if (next !== undefined) read({ ...next, gpa: entry.gpa, from: at });
    }
    if (unknown > 0) missing.push({ page, level, gpa, size: size * BigInt(entries) });
  };
  for (const { entries, ...root } of roots) read(root, entries);
  return { missing, pages, usedTwice };
}
