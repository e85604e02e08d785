import type { Read, Slot, Value, Write } from '../../checker/index.ts';
import type { Cell } from './world.ts';

type OfPages = Map<bigint, bigint>;

/**
 * The words of the state during one call: what is written is seen by later reads and reaches the state at the end, so
 * that something can be tried and taken back. Of a cell of many pages each page has its own word meanwhile.
 */
export class CallWords {
  readonly #read: Read;
  #written = new Map<Slot, Value>();
  #ofPages = new Map<Slot<bigint>, { readonly cell: Cell; readonly words: OfPages }>();

  constructor(read: Read) {
    this.#read = read;
  }

  get<V extends Value>(slot: Slot<V>): V {
    const written = this.#written.get(slot);
    return written === undefined ? this.#read(slot) : (written as V);
  }

  set<V extends Value>(slot: Slot<V>, value: V): void {
    this.#written.set(slot, value);
  }

  /** The word of the page of a cell that begins at an address. */
  getAt(cell: Cell, slot: Slot<bigint>, page: bigint): bigint {
    if (cell.pages === 1n) return this.get(slot);
    return this.#ofPages.get(slot)?.words.get(page) ?? this.get(slot);
  }

  setAt(cell: Cell, slot: Slot<bigint>, page: bigint, word: bigint): void {
    if (cell.pages === 1n) return this.set(slot, word);
    const known = this.#ofPages.get(slot) ?? { cell, words: new Map() };
    known.words.set(page, word);
    this.#ofPages.set(slot, known);
  }

  /** Whether the word of some page of a cell is like this. */
  someAt(cell: Cell, slot: Slot<bigint>, isLike: (word: bigint) => boolean): boolean {
    const words = cell.pages === 1n ? undefined : this.#ofPages.get(slot)?.words;
    if (words === undefined) return isLike(this.get(slot));
    if (BigInt(words.size) < cell.pages && isLike(this.get(slot))) return true;
    for (const word of words.values()) if (isLike(word)) return true;
    return false;
  }

  /** Runs `body` and takes back all that it wrote. */
  tried<T>(body: () => T): T {
    const written = new Map(this.#written);
    const ofPages = new Map(
      [...this.#ofPages].map(([slot, { cell, words }]) => [slot, { cell, words: new Map(words) }]),
    );
    try {
      return body();
    } finally {
      this.#written = written;
      this.#ofPages = ofPages;
    }
  }

  /** Of every cell of many pages one word. @throws Error where a call has treated them differently. */
  settle(): void {
    for (const [slot, { cell, words }] of this.#ofPages) {
      const different = new Set(words.values());
      if (BigInt(words.size) < cell.pages) different.add(this.get(slot));
      const [word, ...others] = different;
      if (word === undefined || others.length > 0)
        throw new Error(`${slot.name}: a call makes its ${cell.pages} pages different`);
      this.set(slot, word);
    }
    this.#ofPages.clear();
  }

  /** The slots that the call has written so far. */
  written(): readonly Slot[] {
    return [...this.#written.keys()];
  }

  /** Gives the state what was written. */
  commit(write: Write): void {
    this.settle();
    for (const [slot, value] of this.#written) write(slot, value);
  }
}
