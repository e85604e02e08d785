import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import { type Change, chunkPages, LeafTables } from './leaf-tables.ts';
import { type LeafRun, type Word, wordAfter } from './word.ts';
import type { Table } from './machine.ts';
import type { PageClass } from './page-class.ts';

const pageNumber = (address: bigint): number => Number(address / PAGE_SIZE);

/** What is known of the leaves from some page on: one kind of word for so many pages, or nothing for so many. */
export interface Stretch {
  readonly word: Word | undefined;
  readonly pages: number;
}

/**
 * The words that events have written, as a value: `with` gives another one and leaves this one as it was. The newest
 * version holds the tables, an older one only its difference to the next (Baker's rerooting), so that following one
 * long history costs one change a write, and an older version still answers.
 */
export class LeafWords {
  static readonly none = (): LeafWords => new LeafWords(new LeafTables());
  #held: LeafTables | { readonly undo: readonly Change[]; readonly newer: LeafWords } | 'given up';

  private constructor(held: LeafTables) {
    this.#held = held;
  }

  /** `undefined` where nothing was written. */
  get(table: Table, address: bigint): Word | undefined {
    return LeafWords.#tablesOf(this).get(table, pageNumber(address));
  }

  /** How much is held. */
  get cells(): number {
    return LeafWords.#tablesOf(this).cells;
  }

  runs(): Generator<LeafRun> {
    return LeafWords.#tablesOf(this).runs();
  }

  /** The host leaves of a class. */
  hostRuns(one: PageClass): readonly { readonly page: number; readonly pages: number }[] {
    return LeafWords.#tablesOf(this).hostRuns(one);
  }

  /** The longest stretch of one kind from `address` on, of at most so many pages. */
  stretch(table: Table, address: bigint, most: number): Stretch {
    const tables = LeafWords.#tablesOf(this);
    const first = pageNumber(address);
    const word = tables.get(table, first);
    const expected = (page: number): Word | undefined =>
      word === undefined ? undefined : wordAfter(word, page - first);
    let page = first;
    while (page < first + most) {
      const number = Math.floor(page / chunkPages);
      const chunk = tables.chunkAt(table, number);
      const end = Math.min(first + most, (number + 1) * chunkPages);
      if (!Array.isArray(chunk)) {
        const held = chunk && wordAfter(chunk.first, page % chunkPages);
        if (held !== expected(page)) break;
        page = end;
        continue;
      }
      while (page < end && chunk[page % chunkPages] === expected(page)) page++;
      if (page < end) break;
    }
    return { word, pages: page - first };
  }

  with(writes: readonly LeafRun[]): LeafWords {
    if (writes.length === 0) return this;
    const tables = LeafWords.#tablesOf(this);
    const undo: Change[] = [];
    for (const write of writes) for (const change of changesOf(write)) undo.push(tables.apply(change));
    const newer = new LeafWords(tables);
    this.#held = { undo: undo.reverse(), newer };
    return newer;
  }

  /** A version that shares nothing with this one: for keeping beside a history that goes on. */
  copy(): LeafWords {
    return new LeafWords(LeafWords.#tablesOf(this).copy());
  }

  /**
   * Says that nobody asks this version again, so that `next` is all that is left of it. Without that a version that was
   * collected late would keep every newer one from being collected early.
   */
  giveUpFor(next: LeafWords): void {
    if (next !== this) this.#held = 'given up';
  }

  /** Makes a version the one that holds the tables, by undoing what came between. */
  static #tablesOf(wanted: LeafWords): LeafTables {
    if (wanted.#held instanceof LeafTables) return wanted.#held;
    const path: { readonly version: LeafWords; readonly undo: readonly Change[] }[] = [];
    let newest = wanted;
    let at = newest.#held;
    while (!(at instanceof LeafTables)) {
      if (at === 'given up') throw new Error('the words of a version that was given up are asked for');
      path.push({ version: newest, undo: at.undo });
      newest = at.newer;
      at = newest.#held;
    }
    for (const { version, undo } of path.reverse()) {
      const tables = at;
      const redo = undo.map(change => tables.apply(change));
      newest.#held = { undo: redo.reverse(), newer: version };
      version.#held = at;
      newest = version;
    }
    return at;
  }
}

/** A run as what it changes: whole chunks, and pages where it fills none. */
function* changesOf({ table, address, pages, word }: LeafRun): Generator<Change> {
  const start = pageNumber(address);
  for (let done = 0; done < pages;) {
    const page = start + done;
    const holds = wordAfter(word, done);
    if (page % chunkPages === 0 && pages - done >= chunkPages) {
      yield { table, chunk: page / chunkPages, holds: { first: holds } };
      done += chunkPages;
    } else {
      yield { table, page, holds };
      done++;
    }
  }
}
