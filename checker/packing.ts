import type { Part } from './parts.ts';

/** Where a part's code lies in a packed row: which 32-bit word, and `(word >>> shift) & mask`. */
export interface Lane {
  readonly word: number;
  readonly shift: number;
  readonly mask: number;
}

/**
 * How a state is held: one row of 32-bit words in which every part has just the bits that its codes need so far. No
 * part straddles two words. The encoding is a bijection, so that equal rows are equal states and nothing else is.
 */
export class Packing {
  readonly lanes: readonly Lane[];
  /** 32-bit words of a row, at least 1. */
  readonly words: number;
  /** Bits of a row that are in use. */
  readonly bits: number;

  constructor(parts: readonly Part[]) {
    const used: number[] = [0];
    this.lanes = parts.map(({ bits }) => {
      let word = used.findIndex(taken => taken + bits <= 32);
      if (word < 0) word = used.push(0) - 1;
      const shift = used[word] ?? 0;
      used[word] = shift + bits;
      // a part without bits reads as 0 whatever the shift, which must stay below 32
      return bits === 0 ? { word: 0, shift: 0, mask: 0 } : { word, shift, mask: 2 ** bits - 1 };
    });
    this.words = used.length;
    this.bits = used.reduce((sum, taken) => sum + taken, 0);
  }

  unpack(rows: Int32Array, at: number, codes: Int32Array): void {
    this.lanes.forEach(({ word, shift, mask }, part) => {
      codes[part] = ((rows[at + word] as number) >>> shift) & mask;
    });
  }

  pack(codes: Int32Array, rows: Int32Array, at: number): void {
    rows.fill(0, at, at + this.words);
    this.lanes.forEach(({ word, shift }, part) => {
      rows[at + word] = (rows[at + word] as number) | ((codes[part] as number) << shift);
    });
  }

  /** Whether every code that the parts have by now still fits. */
  fits(parts: readonly Part[]): boolean {
    return parts.every(({ index, tuples }) => tuples.length - 1 <= (this.lanes[index]?.mask ?? 0));
  }
}
