import type { Part } from './parts.ts';

/** Words of a lane in `lanes`: which 32-bit word of the row, and `(word >>> shift) & mask`. */
export const LANE = { word: 0, shift: 1, mask: 2, size: 3 } as const;

/**
 * How a state is held: one row of 32-bit words in which every part has just the bits that its codes need so far. No
 * part straddles two words. The encoding is a bijection, so that equal rows are equal states and nothing else is.
 * The initial state is all zeros. The sign bit of the first word stays 0: tables mark entries in use with it.
 */
export class Packing {
  /** One lane a part. */
  readonly lanes: Int32Array;
  /** 32-bit words of a row, at least 1. */
  readonly words: number;
  /** Bits of a row that are in use. */
  readonly bits: number;

  constructor(parts: readonly Part[]) {
    const used: number[] = [0];
    const limit = (word: number): number => (word === 0 ? 31 : 32);
    const lanes = parts.flatMap(({ bits }) => {
      let word = used.findIndex((taken, at) => taken + bits <= limit(at));
      if (word < 0) word = used.push(0) - 1;
      const shift = used[word] ?? 0;
      used[word] = shift + bits;
      // a part without bits reads as 0 whatever the shift, which must stay below 32
      return bits === 0 ? [0, 0, 0] : [word, shift, 2 ** bits - 1];
    });
    this.lanes = Int32Array.from(lanes);
    this.words = used.length;
    this.bits = used.reduce((sum, taken) => sum + taken, 0);
  }

  pack(codes: Int32Array, rows: Int32Array, at: number): void {
    rows.fill(0, at, at + this.words);
    codes.forEach((code, part) => this.place(part, code, rows, at));
  }

  /** Exclusive-ors a part's code into a row: what a step does to a row is `from ^ to` of each part it changes. */
  place(part: number, code: number, rows: Int32Array | number[], at: number): void {
    const lane = part * LANE.size;
    const word = at + (this.lanes[lane + LANE.word] as number);
    rows[word] = (rows[word] as number) ^ (code << (this.lanes[lane + LANE.shift] as number));
  }

  /** The largest code that a part can have. */
  maxCode(part: number): number {
    return this.lanes[part * LANE.size + LANE.mask] as number;
  }

  /** Whether every code that the parts have by now still fits. */
  fits(parts: readonly Part[]): boolean {
    return parts.every(({ index, tuples }) => tuples.length - 1 <= this.maxCode(index));
  }
}

/** Spreads a row out into one code a part. */
export function unpack(lanes: Int32Array, rows: Int32Array, at: number, codes: Int32Array): void {
  for (let part = 0, lane = 0; lane < lanes.length; part++, lane += LANE.size) {
    const word = rows[at + (lanes[lane + LANE.word] as number)] as number;
    codes[part] = (word >>> (lanes[lane + LANE.shift] as number)) & (lanes[lane + LANE.mask] as number);
  }
}
