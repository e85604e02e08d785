import type { Packing, Span } from './packing.ts';
import { type Allocate, copyOf } from './words.ts';

/** Words of a span in `words`: where its bits are, `(row[word] >>> shift) & mask`, and where its numbers start in `numbers`. */
export const SPAN = { word: 0, shift: 1, mask: 2, numbers: 3, size: 4 } as const;

/**
 * What each span was seen to hold, numbered from 1 in the order of appearance, so that tables by span are as small as
 * what is met, however many bits a span has. 0 stands for what was never seen.
 */
export class Spans {
  readonly words: Int32Array;
  /** By span and bits: the number. Replaced where numbers have outgrown their room, never written beyond it. */
  numbers: Int32Array;
  /** One above the largest number that each span may have until it is widened. */
  readonly rooms: number[];
  readonly #spans: readonly Span[];
  readonly #counts: number[];
  readonly #allocate: Allocate;

  constructor({ spans }: Packing, allocate: Allocate) {
    this.#spans = spans;
    this.#allocate = allocate;
    this.#counts = spans.map(() => 0);
    this.rooms = spans.map(({ bits }) => Math.min(FIRST_ROOM, 2 ** bits + 1));
    let start = 0;
    const words = spans.flatMap(({ word, shift, bits }) => {
      start += 2 ** bits;
      return [word, shift, 2 ** bits - 1, start - 2 ** bits];
    });
    this.words = Int32Array.from(words);
    this.numbers = allocate(start);
  }

  /** The number of what a span of the row at `rows[at…]` holds; `undefined` where it is new and there is no room for it. */
  numberOf(span: number, rows: Int32Array, at: number): number | undefined {
    const entry = entryOf(this.words, span * SPAN.size, rows, at);
    const known = this.numbers[entry] as number;
    if (known > 0) return known;
    const next = (this.#counts[span] as number) + 1;
    if (next >= (this.rooms[span] as number)) return undefined;
    this.#counts[span] = next;
    Atomics.store(this.numbers, entry, next);
    return next;
  }

  /** Makes room for four times the numbers. */
  widen(span: number): void {
    const { bits } = this.#spans[span] as Span;
    this.rooms[span] = Math.min(4 * (this.rooms[span] as number), 2 ** bits + 1);
    // a thread that holds the old numbers has tables of the old size: it must not see numbers beyond them
    this.numbers = copyOf(this.numbers, this.#allocate);
  }
}

const FIRST_ROOM = 64;

/** Where in `numbers` the number of what a row holds is: for the span at `spans[at…]`, the row at `rows[base…]`. */
export function entryOf(spans: Int32Array, at: number, rows: Int32Array, base: number): number {
  const word = rows[base + (spans[at] as number)] as number;
  const bits = (word >>> (spans[at + SPAN.shift] as number)) & (spans[at + SPAN.mask] as number);
  return (spans[at + SPAN.numbers] as number) + bits;
}
