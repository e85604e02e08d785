import type { Allocate } from '../compile/words.ts';

/** The sign bit, which no row has in its first word. */
const IN_USE = -(2 ** 31);
/** How full a table may get. */
const LOAD = 0.75;
/** Rows of this many bits or fewer have a bitmap: 2 MiB at most, which is less than a table of few states takes. */
const BITMAP_BITS = 24;

/**
 * Which packed rows have been seen. Exact: whole rows are compared, no fingerprint stands for one. One thread adds;
 * others may ask at the same time, and then miss what is being added, but never see what is not there.
 */
export interface Visited {
  /** The words it is made of, from which `visitedFrom` makes another view of the same set. */
  readonly memory: Int32Array;
  has(rows: Int32Array, at: number): boolean;
  /** Reads where the row would be, so that it is in the cache when it is looked up. */
  prefetch(rows: Int32Array, at: number): number;
  /** Adds the row at `rows[at…]`, for which there must be room. */
  add(rows: Int32Array, at: number): void;
  /** A number of its own for each row that is there, below `places`: for a bit set over states. */
  placeOf(rows: Int32Array, at: number): number;
  readonly places: number;
  readonly isBitmap: boolean;
  /** The same set in this memory, which is larger and all 0. */
  movedTo(memory: Int32Array): Visited;
  readonly about: string;
}

/** How many words a set of `count` rows wants, and how many rows it then has room for. */
export function roomFor(
  count: number,
  bits: number,
  words: number,
): { readonly length: number; readonly room: number } {
  if (bits <= BITMAP_BITS) return { length: Math.max(1, 2 ** bits / 32), room: Infinity };
  const entries = 2 ** Math.ceil(Math.log2(Math.max(1024, count / LOAD)));
  return { length: entries * words, room: Math.floor(LOAD * entries) };
}

/** The set that lives in this memory: empty where the memory is all 0. */
export function visitedFrom(memory: Int32Array, bits: number, words: number): Visited {
  return bits <= BITMAP_BITS ? new Bitmap(memory) : new RowTable(memory, words);
}

/** An empty set with room for `count` rows. */
export function emptyVisited(count: number, bits: number, words: number, allocate: Allocate): Visited {
  return visitedFrom(allocate(roomFor(count, bits, words).length), bits, words);
}

/** Takes another word into a hash. */
const mix = (hash: number, word: number): number => Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ word;

/** The hash of a row whose words are all taken in: its low bits say where looking for it begins. */
function settleHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** One bit for every row that there could be: for rows of few bits. */
class Bitmap implements Visited {
  readonly memory: Int32Array;
  readonly isBitmap = true;
  readonly about = 'one bit for every row that there could be';

  constructor(memory: Int32Array) {
    this.memory = memory;
  }

  /** Small enough to stay in the cache. */
  prefetch(): number {
    return 0;
  }

  has(rows: Int32Array, at: number): boolean {
    const row = rows[at] as number;
    return ((this.memory[row >>> 5] as number) & (1 << (row & 31))) !== 0;
  }

  add(rows: Int32Array, at: number): void {
    const row = rows[at] as number;
    this.memory[row >>> 5] = (this.memory[row >>> 5] as number) | (1 << (row & 31));
  }

  placeOf(rows: Int32Array, at: number): number {
    return rows[at] as number;
  }

  get places(): number {
    return 32 * this.memory.length;
  }

  /** It has a bit for every row, and never grows. */
  movedTo(): Visited {
    return this;
  }
}

/** Open addressing with the rows themselves in the table, so that a look-up costs one cache line. */
class RowTable implements Visited {
  readonly memory: Int32Array;
  readonly isBitmap = false;
  readonly about = 'open addressing, whole rows in the table';
  readonly #words: number;
  readonly #mask: number;
  readonly #isShared: boolean;

  constructor(memory: Int32Array, words: number) {
    this.memory = memory;
    // pages that are not isolated from others do not have it
    this.#isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
    this.#words = words;
    this.#mask = memory.length / words - 1;
  }

  prefetch(rows: Int32Array, at: number): number {
    return this.memory[this.#home(rows, at) * this.#words] as number;
  }

  has(rows: Int32Array, at: number): boolean {
    return this.#probe(rows, at) >= 0;
  }

  add(rows: Int32Array, at: number): void {
    const place = this.#probe(rows, at);
    const entry = place < 0 ? ~place : place;
    for (let word = 1; word < this.#words; word++) this.memory[entry + word] = rows[at + word] as number;
    const mark = (rows[at] as number) | IN_USE;
    // last, and in order for all to see: an entry whose mark is seen is whole
    if (this.#isShared) Atomics.store(this.memory, entry, mark);
    else this.memory[entry] = mark;
  }

  placeOf(rows: Int32Array, at: number): number {
    return this.#probe(rows, at) / this.#words;
  }

  get places(): number {
    return this.#mask + 1;
  }

  /** In the order of the places, which is nearly that of the places to come. */
  movedTo(larger: Int32Array): Visited {
    const other = new RowTable(larger, this.#words);
    const { memory } = this;
    const words = this.#words;
    const row = new Int32Array(words);
    for (let start = 0; start < memory.length; start += words) {
      if (memory[start] === 0) continue;
      row[0] = (memory[start] as number) & ~IN_USE;
      for (let word = 1; word < words; word++) row[word] = memory[start + word] as number;
      other.add(row, 0);
    }
    return other;
  }

  /** The entry at which looking for a row begins. */
  #home(rows: Int32Array, at: number): number {
    const words = this.#words;
    let hash = rows[at] as number;
    if (words > 1) hash = mix(hash, rows[at + 1] as number);
    for (let word = 2; word < words; word++) hash = mix(hash, rows[at + word] as number);
    return settleHash(hash) & this.#mask;
  }

  /**
   * The entry of the row; where the row is not there, the free entry that it would take, with all bits inverted. One
   * answer says both: a caller that read the free entry again might find another row there, added by another thread.
   */
  #probe(rows: Int32Array, at: number): number {
    const { memory } = this;
    const words = this.#words;
    const mask = this.#mask;
    const isShared = this.#isShared;
    const first = (rows[at] as number) | IN_USE;
    const second = words > 1 ? (rows[at + 1] as number) : 0;
    for (let entry = this.#home(rows, at); ; entry = (entry + 1) & mask) {
      const start = entry * words;
      const mark = isShared ? Atomics.load(memory, start) : (memory[start] as number);
      if (mark === 0) return ~start;
      if (mark !== first) continue;
      if (words === 1) return start;
      if (memory[start + 1] !== second) continue;
      let word = 2;
      while (word < words && memory[start + word] === rows[at + word]) word++;
      if (word === words) return start;
    }
  }
}
