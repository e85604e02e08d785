import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import type { Table } from './machine.ts';
import { type LeafRun, type Word, wordAfter } from './word.ts';
import { classOf, type PageClass, PagesByClass } from './page-class.ts';

/** As many leaves as one page-directory entry covers, 2 MByte: kept as one where they are of one kind. */
export const chunkPages = 512;

/** The words of a chunk that is not of one kind; `undefined` where nothing was written. */
type Words = (Word | undefined)[];
export type Chunk = Words | { readonly first: Word };

/** What a page, or a chunk as a whole, is to hold. */
export type Change =
  | { readonly table: Table; readonly chunk: number; readonly holds: Chunk | undefined }
  | { readonly table: Table; readonly page: number; readonly holds: Word | undefined };

const wordIn = (chunk: Chunk | undefined, index: number): Word | undefined =>
  chunk === undefined ? undefined : Array.isArray(chunk) ? chunk[index] : wordAfter(chunk.first, index);

const sizeOf = (chunk: Chunk | undefined): number =>
  chunk === undefined ? 0 : Array.isArray(chunk) ? chunkPages : 1;

/** The leaf words of every table, by table, chunk and page. Changed in place. */
export class LeafTables {
  readonly #chunks = new Map<Table, Map<number, Chunk>>();
  readonly #pages = new PagesByClass();
  readonly #whole = new PagesByClass();
  #cells = 0;

  /** What is held: a word each, and one for a chunk of one kind. */
  get cells(): number {
    return this.#cells;
  }

  chunkAt(table: Table, chunk: number): Chunk | undefined {
    return this.#chunks.get(table)?.get(chunk);
  }

  get(table: Table, page: number): Word | undefined {
    return wordIn(this.chunkAt(table, Math.floor(page / chunkPages)), page % chunkPages);
  }

  /** The host leaves of a class, those of whole chunks as one. */
  hostRuns(one: PageClass): readonly { readonly page: number; readonly pages: number }[] {
    return [
      ...this.#pages.of(one).map(page => ({ page, pages: 1 })),
      ...this.#whole.of(one).map(chunk => ({ page: chunk * chunkPages, pages: chunkPages })),
    ];
  }

  /** Makes a change and returns the one that takes it back. */
  apply(change: Change): Change {
    const { table } = change;
    if ('chunk' in change) {
      const holds = this.chunkAt(table, change.chunk);
      this.#put(table, change.chunk, change.holds);
      return { table, chunk: change.chunk, holds };
    }
    const words = this.#words(table, Math.floor(change.page / chunkPages));
    const index = change.page % chunkPages;
    const holds = words[index];
    words[index] = change.holds;
    if (table === 'host') this.#pages.move(change.page, classOf(holds), classOf(change.holds));
    return { table, page: change.page, holds };
  }

  *runs(): Generator<LeafRun> {
    for (const [table, chunks] of this.#chunks)
      for (const [number, chunk] of chunks)
        yield* runsOf(chunk, number * chunkPages).map(({ page, ...run }) => ({
          ...run,
          table,
          address: BigInt(page) * PAGE_SIZE,
        }));
  }

  copy(): LeafTables {
    const copied = new LeafTables();
    for (const [table, chunks] of this.#chunks)
      for (const [number, chunk] of chunks)
        copied.#put(table, number, Array.isArray(chunk) ? [...chunk] : chunk);
    return copied;
  }

  /** The words of a chunk one by one, whatever it was before. */
  #words(table: Table, number: number): Words {
    const held = this.chunkAt(table, number);
    if (Array.isArray(held)) return held;
    const words: Words = new Array<Word | undefined>(chunkPages).fill(undefined);
    if (held !== undefined) for (let i = 0; i < chunkPages; i++) words[i] = wordAfter(held.first, i);
    this.#put(table, number, words);
    return words;
  }

  #put(table: Table, number: number, chunk: Chunk | undefined): void {
    const chunks = this.#chunks.get(table) ?? new Map<number, Chunk>();
    this.#chunks.set(table, chunks);
    const was = chunks.get(number);
    this.#cells += sizeOf(chunk) - sizeOf(was);
    if (table === 'host') this.#classify(number, was, chunk);
    if (chunk === undefined) chunks.delete(number);
    else chunks.set(number, chunk);
  }

  #classify(number: number, was: Chunk | undefined, is: Chunk | undefined): void {
    const whole = (chunk: Chunk | undefined): PageClass =>
      chunk === undefined || Array.isArray(chunk) ? undefined : classOf(chunk.first);
    this.#whole.move(number, whole(was), whole(is));
    const single = (chunk: Chunk | undefined, i: number): PageClass =>
      Array.isArray(chunk) ? classOf(chunk[i]) : undefined;
    if (!Array.isArray(was) && !Array.isArray(is)) return;
    for (let i = 0; i < chunkPages; i++)
      this.#pages.move(number * chunkPages + i, single(was, i), single(is, i));
  }
}

function runsOf(
  chunk: Chunk,
  start: number,
): readonly { readonly page: number; readonly pages: number; readonly word: Word }[] {
  if (!Array.isArray(chunk)) return [{ page: start, pages: chunkPages, word: chunk.first }];
  return chunk.flatMap((word, i) => (word === undefined ? [] : [{ page: start + i, pages: 1, word }]));
}
