import { LANE, type Packing, unpack } from '../compile/packing.ts';
import type { Allocate } from '../compile/words.ts';

export const CHUNK_BITS = 14;
/** Rows of a chunk. Chunks are never copied when there are more states: nothing is ever held twice. */
export const CHUNK = 2 ** CHUNK_BITS;

/** In place of a move's ordinal, where it is not known. */
export const UNKNOWN = -1;

/** Every state found, as packed rows in the order of discovery. Its index is a state's name inside the checker. */
export class States {
  length = 0;
  readonly chunks: Int32Array[] = [];
  /**
   * By chunk, the ordinal of the move that each state was found by; only of states that are not expanded yet, and
   * only where `push` was told.
   */
  readonly foundBy: (Int32Array | undefined)[] = [];
  packing: Packing;
  readonly #allocate: Allocate;
  #dropped = 0;

  constructor(packing: Packing, allocate: Allocate) {
    this.packing = packing;
    this.#allocate = allocate;
  }

  /** The chunk that holds row `index`; it starts there at `offset(index)`. */
  chunk(index: number): Int32Array {
    return this.chunks[index >>> CHUNK_BITS] as Int32Array;
  }

  offset(index: number): number {
    return (index & (CHUNK - 1)) * this.packing.words;
  }

  /** Appends the row at `rows[at…]`, found by the move `foundBy`. */
  push(rows: Int32Array, at: number, foundBy?: number): void {
    const { words } = this.packing;
    if ((this.length & (CHUNK - 1)) === 0) this.chunks.push(this.#allocate(CHUNK * words));
    if (foundBy !== undefined) this.#note(foundBy);
    const chunk = this.chunk(this.length);
    const base = this.offset(this.length);
    for (let word = 0; word < words; word++) chunk[base + word] = rows[at + word] as number;
    this.length++;
  }

  #note(foundBy: number): void {
    const at = this.length >>> CHUNK_BITS;
    const moves = (this.foundBy[at] ??= this.#allocate(CHUNK).fill(UNKNOWN));
    moves[this.length & (CHUNK - 1)] = foundBy;
  }

  /** Drops what is only kept of states that are not expanded yet. */
  expanded(before: number): void {
    for (; this.#dropped < before >>> CHUNK_BITS; this.#dropped++) this.foundBy[this.#dropped] = undefined;
  }

  /** The rows of all states, chunk by chunk, not copied. */
  get rows(): readonly Int32Array[] {
    return this.chunks.map((chunk, at) =>
      chunk.subarray(0, Math.min(CHUNK, this.length - at * CHUNK) * this.packing.words),
    );
  }

  unpack(index: number, codes: Int32Array): Int32Array {
    unpack(this.packing.lanes, this.chunk(index), this.offset(index), codes);
    return codes;
  }

  /** Rewrites every row for wider codes, chunk by chunk. */
  repack(next: Packing): void {
    const codes = new Int32Array(next.lanes.length / LANE.size);
    const isSameWidth = next.words === this.packing.words;
    for (let start = 0, at = 0; start < this.length; start += CHUNK, at++) {
      const old = this.chunks[at] as Int32Array;
      const fresh = isSameWidth ? old : this.#allocate(CHUNK * next.words);
      const rows = Math.min(CHUNK, this.length - start);
      for (let row = 0; row < rows; row++) {
        unpack(this.packing.lanes, old, row * this.packing.words, codes);
        next.pack(codes, fresh, row * next.words);
      }
      this.chunks[at] = fresh;
    }
    this.packing = next;
  }

  get rowBytes(): number {
    return 4 * CHUNK * this.packing.words * this.chunks.length;
  }

  get foundByBytes(): number {
    return 4 * CHUNK * (this.foundBy.length - this.#dropped);
  }
}
