import type { Group } from '../learn/groups.ts';

/** Words of a lane in `lanes`: which 32-bit word of the row, and `(word >>> shift) & mask`. */
export const LANE = { word: 0, shift: 1, mask: 2, size: 3 } as const;

/** Most bits of a span: so few that everything that is known of one stays in the cache. */
const SPAN_BITS = 9;

/** Groups that lie side by side in one word of a row, so that one question sees them all. */
export interface Span {
  readonly groups: readonly Group[];
  readonly bits: number;
  /** Which 32-bit word of the row, and `(word >>> shift) & (2 ** bits - 1)`. */
  readonly word: number;
  readonly shift: number;
}

/**
 * How a state is held: one row of 32-bit words in which every group has just the bits that its codes need so far. No
 * span straddles two words. The encoding is a bijection, so that equal rows are equal states and nothing else is.
 * The initial state is all zeros. The sign bit of the first word stays 0: tables mark entries in use with it.
 */
export class Packing {
  /** One lane a group. */
  readonly lanes: Int32Array;
  /** 32-bit words of a row, at least 1. */
  readonly words: number;
  /** Bits of a row that are in use. */
  readonly bits: number;
  readonly spans: readonly Span[];

  constructor(groups: readonly Group[]) {
    // wide spans may leave gaps: never so many that a row gets longer by them
    const layouts = [SPAN_BITS, 8, 4, 0].map(limit => layOut(groups, limit));
    const words = Math.min(...layouts.map(({ used }) => used.length));
    const { used, spans } = layouts.find(layout => layout.used.length === words) ?? {
      used: [0],
      spans: [],
    };
    this.spans = spans;
    this.words = used.length;
    this.bits = used.reduce((sum, taken) => sum + taken, 0);
    this.lanes = new Int32Array(groups.length * LANE.size);
    for (const { groups: members, word, shift } of spans) {
      let at = shift;
      for (const { index, bits } of members) {
        // a group without bits reads as 0 whatever the shift, which must stay below 32
        if (bits > 0) this.lanes.set([word, at, 2 ** bits - 1], index * LANE.size);
        at += bits;
      }
    }
  }

  pack(codes: Int32Array, rows: Int32Array, at: number): void {
    rows.fill(0, at, at + this.words);
    codes.forEach((code, group) => this.place(group, code, rows, at));
  }

  /** Exclusive-ors a group's code into a row: what a step does to a row is `from ^ to` of each group it changes. */
  place(group: number, code: number, rows: Int32Array | number[], at: number): void {
    const lane = group * LANE.size;
    const word = at + (this.lanes[lane + LANE.word] as number);
    rows[word] = (rows[word] as number) ^ (code << (this.lanes[lane + LANE.shift] as number));
  }

  /** The largest code that a group can have. */
  maxCode(group: number): number {
    return this.lanes[group * LANE.size + LANE.mask] as number;
  }

  /** Whether every code that the groups have by now still fits. */
  fits(groups: readonly Group[]): boolean {
    return groups.every(({ index, tuples }) => tuples.length - 1 <= this.maxCode(index));
  }
}

/** Neighbours together as long as they have no more than `limit` bits, each span in the first word with room for it. */
function layOut(groups: readonly Group[], limit: number): { used: number[]; spans: Span[] } {
  const used: number[] = [0];
  const spans = neighbours(groups, limit).map(members => {
    const bits = bitsOf(members);
    let word = used.findIndex((taken, at) => taken + bits <= (at === 0 ? 31 : 32));
    if (word < 0) word = used.push(0) - 1;
    const shift = used[word] ?? 0;
    used[word] = shift + bits;
    return { groups: members, bits, word, shift };
  });
  return { used, spans };
}

function neighbours(groups: readonly Group[], limit: number): Group[][] {
  const runs: Group[][] = [];
  for (const group of groups) {
    const last = runs.at(-1);
    if (last !== undefined && bitsOf(last) + group.bits <= limit) last.push(group);
    else runs.push([group]);
  }
  return runs;
}

const bitsOf = (groups: readonly Group[]): number => groups.reduce((sum, { bits }) => sum + bits, 0);

/** Spreads a row out into one code a group. */
export function unpack(lanes: Int32Array, rows: Int32Array, at: number, codes: Int32Array): void {
  for (let group = 0, lane = 0; lane < lanes.length; group++, lane += LANE.size) {
    const word = rows[at + (lanes[lane + LANE.word] as number)] as number;
    codes[group] = (word >>> (lanes[lane + LANE.shift] as number)) & (lanes[lane + LANE.mask] as number);
  }
}
