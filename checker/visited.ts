/** Which packed rows have been seen. Exact: whole rows are compared, no fingerprint stands for one. */
export interface Visited {
  /** Adds the row at `rows[at…]`. False where it was there already. There must be room. */
  add(rows: Int32Array, at: number): boolean;
  /** A number of its own for each row, below `positions`, for those who hold a bit a state. -1 where it is absent. */
  find(rows: Int32Array, at: number): number;
  readonly positions: number;
  /** How many more rows can be added. */
  readonly room: number;
  readonly bytes: number;
  readonly about: string;
}

/** One bit for every row that there could be: for rows of few bits. Always has room. */
export class Bitmap implements Visited {
  readonly positions: number;
  readonly room = Infinity;
  readonly seen: Int32Array;

  constructor(bits: number) {
    this.positions = 2 ** bits;
    this.seen = new Int32Array(Math.max(1, this.positions / 32));
  }

  add(rows: Int32Array, at: number): boolean {
    const key = rows[at] as number;
    const word = this.seen[key >>> 5] as number;
    const bit = 1 << (key & 31);
    if ((word & bit) !== 0) return false;
    this.seen[key >>> 5] = word | bit;
    return true;
  }

  find(rows: Int32Array, at: number): number {
    const key = rows[at] as number;
    return ((this.seen[key >>> 5] as number) & (1 << (key & 31))) === 0 ? -1 : key;
  }

  get bytes(): number {
    return this.seen.byteLength;
  }

  get about(): string {
    return 'a bit for every row that there could be';
  }
}

/** Open addressing with the rows themselves in the table, so that a look-up costs one cache line. */
export class HashTable implements Visited {
  readonly #words: number;
  readonly #mask: number;
  /** `words` words an entry: the row, each word plus one where the table would hold the empty mark. */
  readonly #rows: Int32Array;
  readonly #used: Uint8Array;
  #size = 0;

  /** @param capacity entries; a power of two */
  constructor(words: number, capacity: number) {
    this.#words = words;
    this.#mask = capacity - 1;
    this.#rows = new Int32Array(capacity * words);
    this.#used = new Uint8Array(capacity);
  }

  add(rows: Int32Array, at: number): boolean {
    const entry = this.#probe(rows, at);
    if (this.#used[entry] === 1) return false;
    this.#used[entry] = 1;
    this.#size++;
    for (let word = 0; word < this.#words; word++)
      this.#rows[entry * this.#words + word] = rows[at + word] as number;
    return true;
  }

  find(rows: Int32Array, at: number): number {
    const entry = this.#probe(rows, at);
    return this.#used[entry] === 1 ? entry : -1;
  }

  get positions(): number {
    return this.#mask + 1;
  }

  get room(): number {
    return Math.floor(this.positions * 0.6) - this.#size;
  }

  get bytes(): number {
    return this.#rows.byteLength + this.#used.byteLength;
  }

  get about(): string {
    return 'open addressing, whole rows in the table';
  }

  #probe(rows: Int32Array, at: number): number {
    const words = this.#words;
    let hash = 0;
    for (let word = 0; word < words; word++) {
      hash = Math.imul(hash ^ (rows[at + word] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let entry = hash & this.#mask; ; entry = (entry + 1) & this.#mask) {
      if (this.#used[entry] === 0) return entry;
      let same = 0;
      while (same < words && this.#rows[entry * words + same] === rows[at + same]) same++;
      if (same === words) return entry;
    }
  }
}
