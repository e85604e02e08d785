import type { Slot } from '../../checker/index.ts';
import {
  annotationOf,
  type Change,
  CountedLeaf,
  isStaleAfter,
  type Leaf,
  type LeafTable,
  leafValue,
  mappingWord,
  protOf,
  type Prot,
  type Range,
  type TablePages,
} from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import type { TableSupply } from './supply.ts';
import type { CallWords } from './words.ts';
import { BLOCK, type Cell } from './world.ts';

/** A stretch of a table's addresses with the slot of its leaf. */
export interface LeafCell extends Cell {
  readonly leaf: Slot<bigint>;
}
/** The leaf of a whole 2-MByte region; 0 where smaller leaves stand below it. */
export interface BlockCell {
  readonly start: bigint;
  readonly leaf: Slot<bigint>;
}

const ADDRESS_SPACE_END = 1n << 48n;
const pageOf = (address: bigint): bigint => address - (address % PAGE_SIZE);
const regionOf = (address: bigint): bigint => address - (address % BLOCK);
const present = (word: bigint): boolean => leafValue(word).isPresent;
/** The word of a later page of a cell, by that of its first, and back. */
const moved = (word: bigint, by: bigint): bigint => (present(word) ? word + by : word);

/**
 * A page table whose leaves are slots: the modelled addresses, in ascending order; what lies between them maps nothing.
 * Where table pages may be missing they are accounted for as in the model's own table: one for the leaves of a region
 * of 2 MByte, two above the first. facts/pkvm-2026.md 1.2, R6 and R7.
 */
export class SlotTable implements LeafTable {
  readonly end = ADDRESS_SPACE_END;
  readonly #words: CallWords;
  readonly #cells: readonly LeafCell[];
  readonly #block: BlockCell | undefined;
  readonly #supply: TableSupply;
  /** The pages that splitting has taken in the walk under way. */
  #taken = 0;

  constructor(words: CallWords, cells: readonly LeafCell[], supply: TableSupply, block?: BlockCell) {
    this.#words = words;
    this.#cells = cells;
    this.#block = block;
    this.#supply = supply;
  }

  *leaves({ start, size }: Range): Generator<Leaf> {
    const end = start + size;
    for (let at = start; at < end;) {
      const block = this.#blockAt(at);
      const cell = this.#cellAt(at);
      const next =
        block !== undefined
          ? block.start + BLOCK
          : cell
            ? pageOf(at) + PAGE_SIZE
            : this.#cellAfter(at, end);
      const upTo = next < end ? next : end;
      const word = block?.word ?? (cell === undefined ? 0n : this.#wordAt(cell, pageOf(at)));
      const first = block?.start ?? pageOf(at);
      const phys = present(word) ? leafValue(word).page + (at - first) : 0n;
      yield { start: at, size: upTo - at, word, level: block === undefined ? 1 : 2, phys };
      at = upTo;
    }
  }

  map(range: Range, phys: bigint, prot: Prot, pages: TablePages): Change {
    let flushes = false;
    for (const at of this.#places(range)) {
      const wanted = phys + (at - range.start);
      const change = this.#fitsBlock(at, wanted, range)
        ? this.#mapBlock(at, mappingWord(wanted, prot, 2), pages)
        : this.#put(at, mappingWord(wanted, prot, 1), pages);
      flushes ||= change.flushes;
      if (!change.isDone) return { isDone: false, flushes };
    }
    return { isDone: true, flushes };
  }

  annotate(range: Range, owner: Parameters<LeafTable['annotate']>[1]): Change {
    return this.#putAll(range, () => annotationOf(owner));
  }

  unmap(range: Range): Change {
    const had = this.#supply.isBoundless ? 0 : this.#tablePages();
    this.#taken = 0;
    const change = this.#unmapLeaves(range);
    // tables that became empty are freed when the walk is over
    if (!this.#supply.isBoundless) this.#supply.give(had + this.#taken - this.#tablePages());
    return change;
  }

  markOld(range: Range): void {
    for (const at of this.#places(range)) {
      const cell = this.#cellAt(at);
      const word = cell === undefined ? 0n : this.#wordAt(cell, at);
      if (cell !== undefined && present(word))
        this.#setWord(cell, at, CountedLeaf.with(word, { accessed: false }));
    }
  }

  canMap(range: Range, phys: bigint, prot: Prot, pages: TablePages): boolean {
    if (this.#supply.isBoundless) return true;
    return this.#tried(() => this.map(range, phys, prot, pages).isDone);
  }

  canUnmap(ranges: readonly Range[]): boolean {
    if (this.#supply.isBoundless) return true;
    return this.#tried(() => ranges.every(range => this.unmap(range).isDone));
  }

  /** Removes every leaf, without a flush. */
  clear(): void {
    for (const { leaf } of this.#cells) this.#words.set(leaf, 0n);
    if (this.#block !== undefined) this.#words.set(this.#block.leaf, 0n);
  }

  #tried(body: () => boolean): boolean {
    return this.#supply.tried(() => this.#words.tried(body));
  }

  /** Where a walk over the range finds a place for a leaf: block by block where one stands or fits, else page by page. */
  *#places({ start, size }: Range): Generator<bigint> {
    for (let at = start; at < start + size;) {
      yield at;
      const isBlock = this.#blockAt(at) !== undefined && at === regionOf(at) && start + size - at >= BLOCK;
      at = isBlock ? at + BLOCK : pageOf(at) + PAGE_SIZE;
    }
  }

  #fitsBlock(at: bigint, wanted: bigint, { start, size }: Range): boolean {
    const isAligned = at === this.#block?.start && wanted % BLOCK === 0n;
    return isAligned && start + size - at >= BLOCK && !this.#hasSmall(at);
  }

  #mapBlock(at: bigint, word: bigint, pages: TablePages): Change {
    const block = this.#block;
    if (block === undefined || at !== block.start) return { isDone: true, flushes: false };
    if (!this.#supply.isBoundless && !this.#hasAny() && !this.#supply.take(2, pages))
      return { isDone: false, flushes: false };
    const before = this.#words.get(block.leaf);
    this.#words.set(block.leaf, word);
    return { isDone: true, flushes: isStaleAfter(before, word) };
  }

  #putAll(range: Range, wordOf: (at: bigint) => bigint): Change {
    let flushes = false;
    for (let at = range.start; at < range.start + range.size; at = pageOf(at) + PAGE_SIZE) {
      const change = this.#put(at, wordOf(at), 'pool');
      flushes ||= change.flushes;
      if (!change.isDone) return { isDone: false, flushes };
    }
    return { isDone: true, flushes };
  }

  /** Makes the leaf of a page this word; takes table pages on the way and gives them back where none is left in it. */
  #put(at: bigint, word: bigint, pages: TablePages): Change {
    const cell = this.#cellAt(at);
    if (cell === undefined) return { isDone: true, flushes: false };
    if (!this.#split(at, pages)) return { isDone: false, flushes: false };
    const before = this.#wordAt(cell, at);
    if (before === 0n && word !== 0n && !this.#takeTables(at, pages))
      return { isDone: false, flushes: false };
    this.#setWord(cell, at, word);
    return { isDone: true, flushes: isStaleAfter(before, word) };
  }

  #takeTables(at: bigint, pages: TablePages): boolean {
    if (this.#supply.isBoundless || this.#hasSmall(at)) return true;
    return this.#supply.take(this.#hasAny() ? 1 : 3, pages);
  }

  /** The pages that the tables take, but for the root: one for the leaves of each region, two above the first. */
  #tablePages(): number {
    const regions = new Set(
      this.#cells.filter(cell => this.#isUsed(cell)).map(({ start }) => regionOf(start)),
    );
    return regions.size + (this.#hasAny() ? 2 : 0);
  }

  #unmapLeaves(range: Range): Change {
    const block = this.#blockAt(range.start);
    const isWhole = block?.start === range.start && range.size >= BLOCK;
    if (block === undefined || !isWhole) return this.#putAll(range, () => 0n);
    this.#words.set(block.leaf, 0n);
    return { isDone: true, flushes: true };
  }

  /** Takes a large leaf apart: its pages keep what it said. */
  #split(at: bigint, pages: TablePages): boolean {
    const block = this.#blockAt(at);
    if (block === undefined) return true;
    if (!this.#supply.take(1, pages)) return false;
    this.#taken += 1;
    for (const cell of this.#cells.filter(({ start }) => regionOf(start) === block.start)) {
      const page = leafValue(block.word).page + (cell.start - block.start);
      this.#words.set(cell.leaf, mappingWord(page, protOf(block.word), 1));
    }
    this.#words.set(block.leaf, 0n);
    return true;
  }

  #blockAt(at: bigint): (BlockCell & { readonly word: bigint }) | undefined {
    if (this.#block === undefined || regionOf(at) !== this.#block.start) return undefined;
    const word = this.#words.get(this.#block.leaf);
    return word === 0n ? undefined : { ...this.#block, word };
  }

  #hasSmall(at: bigint): boolean {
    return this.#cells.some(cell => regionOf(cell.start) === regionOf(at) && this.#isUsed(cell));
  }

  #hasAny(): boolean {
    const block = this.#block === undefined ? 0n : this.#words.get(this.#block.leaf);
    return block !== 0n || this.#cells.some(cell => this.#isUsed(cell));
  }

  #isUsed(cell: LeafCell): boolean {
    return this.#words.someAt(cell, cell.leaf, word => word !== 0n);
  }

  #cellAt(at: bigint): LeafCell | undefined {
    return this.#cells.find(({ start, pages }) => at >= start && at < start + pages * PAGE_SIZE);
  }

  #cellAfter(at: bigint, end: bigint): bigint {
    const next = this.#cells.find(({ start }) => start > at)?.start ?? end;
    return next < end ? next : end;
  }

  #wordAt(cell: LeafCell, page: bigint): bigint {
    return moved(this.#words.getAt(cell, cell.leaf, page), page - cell.start);
  }

  #setWord(cell: LeafCell, page: bigint, word: bigint): void {
    this.#words.setAt(cell, cell.leaf, page, moved(word, cell.start - page));
  }
}
