import {
  cpuWith,
  EptPde2M,
  EptPdpte1G,
  EptPml4e,
  Eptp,
  EptPte,
  isPresent,
  type Level,
  levelsFrom,
  mapsPage,
  misconfigurations,
} from '../../model/ept/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';

/** One entry that ends a walk: a leaf, or an entry that is not present, for all the addresses that it covers. */
export interface TableLeaf {
  /** The first guest-physical address, and how many bytes. */
  readonly gpa: bigint;
  readonly size: bigint;
  readonly level: Level;
  readonly word: bigint;
  /** Where the word lies. */
  readonly at: bigint;
  readonly isPresent: boolean;
  /** The physical address that `gpa` maps to; 0 where it maps none. */
  readonly page: bigint;
  /** Why the processor refuses the entry, where it does. */
  readonly misconfigured?: string;
}

/** A page of the table that the dump does not hold. */
export interface MissingTable {
  readonly page: bigint;
  readonly level: Level;
  readonly gpa: bigint;
  readonly size: bigint;
}

export interface TableReading {
  readonly leaves: readonly TableLeaf[];
  readonly missing: readonly MissingTable[];
  /** The physical pages that the table itself lies in. */
  readonly pages: ReadonlySet<bigint>;
  /** Pages that two entries refer to: read once. */
  readonly usedTwice: readonly { readonly page: bigint; readonly at: bigint }[];
}

/** A table by whose it is. */
export type NamedReading = { readonly id: 'host' | number; readonly reading: TableReading };

const entryCount = 512;
const pageBytes = 4096n;

/** How much one entry of each level covers. */
const coverage: Readonly<Record<Level, bigint>> = {
  1: pageBytes,
  2: 512n * pageBytes,
  3: 512n ** 2n * pageBytes,
  4: 512n ** 3n * pageBytes,
  5: 512n ** 4n * pageBytes,
};

/**
 * Reads a whole EPT, every entry of every page once. Time and memory grow with the pages that the dump holds, not with
 * what a broken table claims to map.
 */
export function readTable(memory: PhysicalMemory, eptp: bigint): TableReading {
  const { table, walkLengthMinusOne } = Eptp.decode(eptp);
  const [top] = levelsFrom(walkLengthMinusOne === 4 ? 5 : 4);
  const reader = new TableReader(memory, eptp);
  reader.page({ page: table, level: top ?? 4, gpa: 0n, from: eptp });
  return reader;
}

interface TablePage {
  readonly page: bigint;
  readonly level: Level;
  readonly gpa: bigint;
  /** The address of the entry that refers to it. */
  readonly from: bigint;
}

class TableReader implements TableReading {
  readonly leaves: TableLeaf[] = [];
  readonly missing: MissingTable[] = [];
  readonly pages = new Set<bigint>();
  readonly usedTwice: { readonly page: bigint; readonly at: bigint }[] = [];
  readonly #memory: PhysicalMemory;
  readonly #cpu: ReturnType<typeof cpuWith>;

  constructor(memory: PhysicalMemory, eptp: bigint) {
    this.#memory = memory;
    this.#cpu = cpuWith({ eptp });
  }

  page({ page, level, gpa, from }: TablePage): void {
    if (this.pages.has(page)) {
      this.usedTwice.push({ page, at: from });
      return;
    }
    this.pages.add(page);
    let unknown = 0;
    for (let index = 0; index < entryCount; index++) {
      const at = page + 8n * BigInt(index);
      const word = this.#memory.read(at);
      if (word === undefined) unknown++;
      else this.#entry({ level, gpa: gpa + BigInt(index) * coverage[level], at, word });
    }
    if (unknown > 0) this.missing.push({ page, level, gpa, size: coverage[level] * BigInt(entryCount) });
  }

  #entry({ level, gpa, at, word }: { level: Level; gpa: bigint; at: bigint; word: bigint }): void {
    const size = coverage[level];
    if (!isPresent(word, false)) {
      this.leaves.push({ gpa, size, level, word, at, isPresent: false, page: 0n });
      return;
    }
    const isPage = mapsPage(level, word);
    const wrong = misconfigurations.find(check =>
      check.holds({ level, word, isPage, cpu: this.#cpu }),
    )?.name;
    if (!isPage && wrong === undefined) {
      // Every format that refers to a table has it in the same bits.
      this.page({ page: EptPml4e.get(word, 'table'), level: lower[level], gpa, from: at });
      return;
    }
    const maps = isPage ? pageIn(level, word) : 0n;
    this.leaves.push({
      gpa,
      size,
      level,
      word,
      at,
      isPresent: true,
      page: maps,
      ...(wrong === undefined ? {} : { misconfigured: wrong }),
    });
  }
}

/** The page that a leaf of this level maps. */
function pageIn(level: Level, word: bigint): bigint {
  if (level === 1) return EptPte.get(word, 'page');
  return level === 2 ? EptPde2M.get(word, 'page') : EptPdpte1G.get(word, 'page');
}

const lower: Readonly<Record<Level, Level>> = { 5: 4, 4: 3, 3: 2, 2: 1, 1: 1 };
