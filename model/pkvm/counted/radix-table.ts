import { PAGE_SIZE } from '../tables.ts';
import { type Journal, putEntry } from './journal.ts';
import type { Change, Leaf, LeafTable, Range, TablePages } from './leaf-table.ts';
import {
  annotationOf,
  isStaleAfter,
  leafValue,
  type Level,
  madeOld,
  mappingWord,
  type Prot,
  protOf,
} from './leaf-word.ts';

/** Pages for tables: taken when a table is made, given back when one has become empty. */
export interface Supply {
  /** `false` where there is none. */
  take(pages: TablePages): boolean;
  give(count: number): void;
}

/** What a table may be like. */
export interface Geometry {
  /** The level of the root. */
  readonly levels: 4 | 5;
  /** Levels at which a leaf may map, 1 always among them. */
  readonly leafLevels: readonly Level[];
}

/** A page of a table: the entries that are not zero. */
interface TablePage {
  readonly entries: Map<number, bigint | TablePage>;
}

const ENTRIES = 512n;
const levelSize = (level: number): bigint => PAGE_SIZE * ENTRIES ** BigInt(level - 1);
const isTable = (entry: bigint | TablePage): entry is TablePage => typeof entry !== 'bigint';
const below = (level: Level): Level => (level - 1) as Level;

/** What a walk is about to do with a range. */
interface Walk {
  readonly end: bigint;
  flushes: boolean;
  /** Tables that became empty: freed when the walk is over. */
  freed: number;
}

/** What a leaf becomes: `undefined` leaves it alone, `split` goes one level down. */
type Decision = bigint | 'split' | undefined;

/**
 * A page table of 512 entries a page, with its tables' pages accounted for: made on the way down, split, and freed
 * when empty. facts/pkvm-2026.md 1.2, R6 and R7.
 */
export class RadixTable implements LeafTable {
  readonly end: bigint;
  readonly #root: TablePage = { entries: new Map() };
  readonly #geometry: Geometry;
  readonly #supply: Supply;
  readonly #journal: Journal;

  constructor(geometry: Geometry, supply: Supply, journal: Journal) {
    this.#geometry = geometry;
    this.#supply = supply;
    this.#journal = journal;
    this.end = levelSize(geometry.levels + 1);
  }

  *leaves(range: Range): Generator<Leaf> {
    const end = range.start + range.size;
    let start = range.start;
    while (start < end) {
      const { word, level } = this.#leafAt(start);
      const size = levelSize(level);
      const next = start - (start % size) + size;
      const { isPresent, page } = leafValue(word);
      const phys = isPresent ? page + (start % size) : 0n;
      yield { start, size: (next < end ? next : end) - start, word, level, phys };
      start = next;
    }
  }

  map(range: Range, phys: bigint, prot: Prot, pages: TablePages): Change {
    const decide = (word: bigint, level: Level, at: bigint): Decision => {
      const wanted = phys + (at - range.start);
      const { isPresent, page } = leafValue(word);
      const isCovered = isPresent && wanted >= page && wanted < page + levelSize(level);
      if (isCovered && protOf(word) === prot) return undefined;
      const fits = this.#leafFits(level, at, range) && wanted % levelSize(level) === 0n;
      return fits ? mappingWord(wanted, prot, level) : 'split';
    };
    return this.#walk(range, decide, pages, false);
  }

  annotate(range: Range, owner: Parameters<LeafTable['annotate']>[1]): Change {
    const annotation = annotationOf(owner);
    const decide = (word: bigint, level: Level, at: bigint): Decision => {
      if (word === annotation) return undefined;
      return this.#leafFits(level, at, range) ? annotation : 'split';
    };
    return this.#walk(range, decide, 'pool', false);
  }

  unmap(range: Range): Change {
    const decide = (word: bigint, level: Level, at: bigint): Decision => {
      if (word === 0n) return undefined;
      const isWhole = leafValue(word).isHuge && covers(level, at, range);
      return level === 1 || isWhole ? 0n : 'split';
    };
    return this.#walk(range, decide, 'pool', true);
  }

  markOld(range: Range): void {
    const decide = (word: bigint): Decision =>
      leafValue(word).isPresent && leafValue(word).isAccessed ? madeOld(word) : undefined;
    this.#walk(range, decide, 'pool', false);
  }

  canMap(range: Range, phys: bigint, prot: Prot, pages: TablePages): boolean {
    return this.#journal.tried(() => this.map(range, phys, prot, pages).isDone);
  }

  canUnmap(ranges: readonly Range[]): boolean {
    return this.#journal.tried(() => ranges.every(range => this.unmap(range).isDone));
  }

  /** Sets a leaf as it is found: for the state in which a machine starts. `level` says how large it is. */
  place(address: bigint, level: Level, word: bigint): void {
    let table = this.#root;
    for (let at = this.#geometry.levels as Level; at > level; at = below(at)) {
      const index = indexOf(address, at);
      const entry = table.entries.get(index);
      const child = entry !== undefined && isTable(entry) ? entry : splitEntry(entry ?? 0n, at);
      if (child !== entry) this.#set(table, index, child);
      table = child;
    }
    this.#set(table, indexOf(address, level), word);
  }

  #leafAt(address: bigint): { readonly word: bigint; readonly level: Level } {
    let table = this.#root;
    for (let level = this.#geometry.levels as Level; ; level = below(level)) {
      const entry = table.entries.get(indexOf(address, level)) ?? 0n;
      if (!isTable(entry)) return { word: entry, level };
      table = entry;
    }
  }

  #leafFits(level: Level, at: bigint, range: Range): boolean {
    return this.#geometry.leafLevels.includes(level) && covers(level, at, range);
  }

  #walk(
    range: Range,
    decide: (word: bigint, level: Level, at: bigint) => Decision,
    pages: TablePages,
    frees: boolean,
  ): Change {
    const walk: Walk = { end: range.start + range.size, flushes: false, freed: 0 };
    const visit = (table: TablePage, level: Level, from: bigint): boolean => {
      const size = levelSize(level);
      const tableEnd = from - (from % (size * ENTRIES)) + size * ENTRIES;
      for (let at = from; at < walk.end && at < tableEnd; at = at - (at % size) + size) {
        const index = indexOf(at, level);
        const entry = table.entries.get(index) ?? 0n;
        if (!isTable(entry)) {
          const decision = decide(entry, level, at);
          if (decision === 'split' && !this.#supply.take(pages)) return false;
          if (typeof decision === 'bigint' && isStaleAfter(entry, decision)) walk.flushes = true;
          if (decision !== undefined)
            this.#set(table, index, decision === 'split' ? splitEntry(entry, level) : decision);
        }
        const child = table.entries.get(index);
        if (child === undefined || !isTable(child)) continue;
        if (!visit(child, below(level), at)) return false;
        if (frees && child.entries.size === 0) {
          this.#set(table, index, 0n);
          walk.freed += 1;
        }
      }
      return true;
    };
    const isDone = visit(this.#root, this.#geometry.levels, range.start);
    if (walk.freed > 0) this.#supply.give(walk.freed);
    return { isDone, flushes: walk.flushes || walk.freed > 0 };
  }

  #set({ entries }: TablePage, index: number, entry: bigint | TablePage): void {
    putEntry(entries, index, entry, this.#journal);
  }
}

const indexOf = (address: bigint, level: number): number => Number((address / levelSize(level)) % ENTRIES);

const covers = (level: Level, at: bigint, { start, size }: Range): boolean =>
  at % levelSize(level) === 0n && levelSize(level) <= start + size - at;

/** The table that says of 512 smaller leaves what one leaf said of all. facts/pkvm-2026.md 1.2, R7. */
function splitEntry(word: bigint, level: Level): TablePage {
  const { isHuge, page } = leafValue(word);
  const step = levelSize(level - 1);
  const child = (index: number): bigint =>
    isHuge ? mappingWord(page + BigInt(index) * step, protOf(word), below(level)) : word;
  const entries = new Map<number, bigint>();
  for (let index = 0; word !== 0n && index < Number(ENTRIES); index += 1) entries.set(index, child(index));
  return { entries };
}
