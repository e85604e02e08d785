import {
  cpuWith,
  EptPde2M,
  EptPdpte1G,
  EptPml4e,
  Eptp,
  EptPte,
  isPresent,
  type Level,
  mapsPage,
  misconfigurations,
} from '../../model/ept/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import { type PagesRead, readPages } from './read-pages.ts';

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

export interface TableReading extends PagesRead<Level> {
  readonly leaves: readonly TableLeaf[];
}

/** A table by whose it is. */
export type NamedReading = { readonly id: 'host' | number; readonly reading: TableReading };

const pageBytes = 4096n;

/** How much one entry of each level covers. */
const coverage: Readonly<Record<Level, bigint>> = {
  1: pageBytes,
  2: 512n * pageBytes,
  3: 512n ** 2n * pageBytes,
  4: 512n ** 3n * pageBytes,
  5: 512n ** 4n * pageBytes,
};

/** Reads a whole EPT: every leaf, and every entry that is not present, in order of address. */
export function readTable(memory: PhysicalMemory, eptp: bigint): TableReading {
  const { table, walkLengthMinusOne } = Eptp.decode(eptp);
  const level = walkLengthMinusOne === 4 ? 5 : 4;
  const cpu = cpuWith({ eptp });
  const leaves: TableLeaf[] = [];
  const root = { page: table, level, gpa: 0n, from: eptp } as const;
  const read = readPages<Level>(
    memory,
    [root],
    at => coverage[at],
    entry => {
      const { word } = entry;
      if (!isPresent(word, false)) {
        leaves.push({ ...entry, isPresent: false, page: 0n });
        return undefined;
      }
      const isPage = mapsPage(entry.level, word);
      const wrong = misconfigurations.find(check =>
        check.holds({ level: entry.level, word, isPage, cpu }),
      )?.name;
      // Every format that refers to a table has it in the same bits.
      if (!isPage && wrong === undefined)
        return { page: EptPml4e.get(word, 'table'), level: lower[entry.level] };
      leaves.push({
        ...entry,
        isPresent: true,
        page: isPage ? pageIn(entry.level, word) : 0n,
        ...(wrong === undefined ? {} : { misconfigured: wrong }),
      });
      return undefined;
    },
  );
  return { leaves, ...read };
}

/** A table of which every entry that was read is 0: it may be no table at all, and nothing follows from it. */
export const isEmpty = ({ leaves }: TableReading): boolean =>
  leaves.length > 0 && leaves.every(({ word }) => word === 0n);

/** The page that a leaf of this level maps. */
function pageIn(level: Level, word: bigint): bigint {
  if (level === 1) return EptPte.get(word, 'page');
  return level === 2 ? EptPde2M.get(word, 'page') : EptPdpte1G.get(word, 'page');
}

const lower: Readonly<Record<Level, Level>> = { 5: 4, 4: 3, 3: 2, 2: 1, 1: 1 };
