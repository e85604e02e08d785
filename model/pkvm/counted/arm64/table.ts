import { type Journal, putEntry } from '../journal.ts';
import { stage2Value, type Stage2LeafLevel } from './leaf.ts';

/** A leaf as far as it lies in the range that was asked for. */
export interface Stage2Leaf {
  /** The first address that the leaf itself covers. */
  readonly start: bigint;
  readonly size: bigint;
  readonly word: bigint;
  readonly level: Stage2LeafLevel;
}

/** A stage-2 table as the operations use it. Addresses are multiples of a page below `end`. */
export interface Arm64Table {
  /** The first address beyond the input size: IPA size of the VM. */
  readonly end: bigint;
  leaf(address: bigint): Stage2Leaf;
  /** The leaves that a range touches, in order. */
  leaves(address: bigint, size: bigint): Iterable<Stage2Leaf>;
  /**
   * Puts a leaf of level 2 or 3, valid or annotated, where it belongs; a larger leaf in the way is taken apart without
   * keeping what it mapped, a table in the way of a block is freed. `false` where no page can be had for a table.
   */
  put(address: bigint, level: 2 | 3, word: bigint): boolean;
  /** Removes the leaf at an address; tables that become empty are freed. */
  remove(address: bigint): void;
  /** Changes valid leaves of a range in place. */
  update(address: bigint, size: bigint, change: (word: bigint) => bigint): void;
}

/** Where pages for tables come from and go to. */
export interface Arm64Supply {
  take(): boolean;
  give(count: number): void;
}

interface TablePage {
  readonly entries: Map<number, bigint | TablePage>;
  /** Something of which nothing is known stands in it, so that it is never found empty. */
  hasMore: boolean;
}

const ENTRIES = 512n;
const levelSize = (level: number): bigint => 0x1000n * ENTRIES ** BigInt(3 - level);
const isTable = (entry: bigint | TablePage): entry is TablePage => typeof entry !== 'bigint';
const below = (level: Stage2LeafLevel): Stage2LeafLevel => (level + 1) as Stage2LeafLevel;
const indexOf = (address: bigint, level: number): number => Number((address / levelSize(level)) % ENTRIES);
const emptyTable = (): TablePage => ({ entries: new Map(), hasMore: false });

/** How many pages the tables below an entry take, that of the entry included. */
function pagesOf(entry: bigint | TablePage | undefined): number {
  if (entry === undefined || !isTable(entry)) return 0;
  return [...entry.entries.values()].reduce((sum: number, child) => sum + pagesOf(child), 1);
}

/** A stage-2 table of four levels with its table pages accounted for. facts/arm64-record.md 3. */
export class Stage2Radix implements Arm64Table {
  readonly end: bigint;
  readonly #root: TablePage = emptyTable();
  readonly #supply: Arm64Supply;
  readonly #journal: Journal;

  constructor(end: bigint, supply: Arm64Supply, journal: Journal) {
    this.end = end;
    this.#supply = supply;
    this.#journal = journal;
  }

  leaf(address: bigint): Stage2Leaf {
    let table = this.#root;
    for (let level: Stage2LeafLevel = 0; ; level = below(level)) {
      const entry = table.entries.get(indexOf(address, level)) ?? 0n;
      const size = levelSize(level);
      if (!isTable(entry)) return { start: address - (address % size), size, word: entry, level };
      table = entry;
    }
  }

  *leaves(address: bigint, size: bigint): Generator<Stage2Leaf> {
    for (let at = address; at < address + size;) {
      const leaf = this.leaf(at);
      yield leaf;
      at = leaf.start + leaf.size;
    }
  }

  put(address: bigint, level: 2 | 3, word: bigint): boolean {
    let table = this.#root;
    for (let at: Stage2LeafLevel = 0; at < level; at = below(at)) {
      const index = indexOf(address, at);
      const entry = table.entries.get(index) ?? 0n;
      if (!isTable(entry) && !this.#supply.take()) return false;
      const child = isTable(entry) ? entry : emptyTable();
      if (child !== entry) this.#set(table, index, child);
      table = child;
    }
    const freed = pagesOf(table.entries.get(indexOf(address, level)));
    this.#set(table, indexOf(address, level), word);
    if (freed > 0) this.#supply.give(freed);
    return true;
  }

  remove(address: bigint): void {
    const path: { readonly table: TablePage; readonly index: number }[] = [];
    let table = this.#root;
    for (let level: Stage2LeafLevel = 0; ; level = below(level)) {
      const index = indexOf(address, level);
      path.push({ table, index });
      const entry = table.entries.get(index) ?? 0n;
      if (!isTable(entry)) break;
      table = entry;
    }
    let freed = 0;
    for (const { table: at, index } of path.reverse()) {
      if (freed > 0 || path[0]?.table === at) this.#set(at, index, 0n);
      if (at === this.#root || at.entries.size > 0 || at.hasMore) break;
      freed += 1;
    }
    if (freed > 0) this.#supply.give(freed);
  }

  update(address: bigint, size: bigint, change: (word: bigint) => bigint): void {
    for (const { start, word, level } of [...this.leaves(address, size)])
      if (stage2Value(word).isValid) this.#replace(start, level, change(word));
  }

  /** Makes the leaf at an address what was observed there; `hasMore`: its table holds more than was observed. */
  place(address: bigint, level: Stage2LeafLevel, word: bigint, hasMore: boolean): void {
    let table = this.#root;
    for (let at: Stage2LeafLevel = 0; at < level; at = below(at)) {
      const index = indexOf(address, at);
      const entry = table.entries.get(index);
      const child = entry !== undefined && isTable(entry) ? entry : emptyTable();
      if (child !== entry) {
        child.hasMore = hasMore;
        this.#set(table, index, child);
      }
      table = child;
    }
    this.#set(table, indexOf(address, level), word);
  }

  #replace(address: bigint, level: Stage2LeafLevel, word: bigint): void {
    let table = this.#root;
    for (let at: Stage2LeafLevel = 0; at < level; at = below(at)) {
      const entry = table.entries.get(indexOf(address, at));
      if (entry === undefined || !isTable(entry)) return;
      table = entry;
    }
    this.#set(table, indexOf(address, level), word);
  }

  #set({ entries }: TablePage, index: number, entry: bigint | TablePage): void {
    putEntry(entries, index, entry, this.#journal);
  }
}
