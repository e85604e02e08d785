import type { View } from './shared.ts';
import { BLOCK, FOOTPRINT, MOVE, movesOf, type Row } from '../compile/offsets.ts';
import type { Visited } from './visited.ts';

/** Offsets within a candidate: the state it comes from, the move's ordinal; its row follows. */
export const CANDIDATE = { parent: 0, move: 1, row: 2 } as const;

/** A state: its row at `rows[base…]`, and the ordinal of the move that it was found by. */
export interface Source extends Row {
  index: number;
  via: number;
}

/**
 * Writes the candidates that a block's moves make of a state, from `candidates[end]` on, for which there must be room.
 * It may leave out some that were found before: no branch depends on which, so that nothing is mispredicted.
 *
 * @returns where the candidates end then
 */
export type Emit = (
  blocks: Int32Array,
  block: number,
  source: Source,
  candidates: Int32Array,
  end: number,
) => number;

/** All ones where the word is not 0. */
const isNot0 = (word: number): number => (word | (0 - word)) >> 31;

/** For rows of one word with a bit for each that there could be: the bit says it. */
function unseen({ memory }: Visited): Emit {
  const size = CANDIDATE.row + 1;
  return (blocks, block, { index, rows, base }, candidates, end) => {
    const row = rows[base] as number;
    let at = movesOf(blocks, block);
    let to = end;
    for (let move = blocks[block + BLOCK.moves] as number; move > 0; move--, at += MOVE.delta + 1) {
      const next = row ^ (blocks[at + MOVE.delta] as number);
      candidates[to] = index;
      candidates[to + CANDIDATE.move] = blocks[at] as number;
      candidates[to + CANDIDATE.row] = next;
      to += size & ((((memory[next >>> 5] as number) >>> (next & 31)) & 1) - 1);
    }
    return to;
  };
}

/**
 * For rows in a table, where looking one up is dear. Let the state be found from `p` by the move `a`. A move `b` that
 * has nothing to do with `a` was there in `p` too, and where it led, to `q`, `a` leads to what `b` leads to here. If `q`
 * was found before this state, then so was that: `q` is expanded first. And it was, if `b` comes before `a` in the
 * order in which the new states of one state are numbered, or if `b` has never led to a new state: not even from `p`.
 * Where `a` is not known nothing is left out.
 *
 * The second word of a row is not in a loop: most rows have one or two.
 */
function unforeseen(footprints: Int32Array, words: number): Emit {
  const size = CANDIDATE.row + words;
  return (blocks, block, { index, rows, base, via }, candidates, end) => {
    const reads = via < 0 ? -1 : (footprints[via * FOOTPRINT.size] as number);
    const writes = via < 0 ? -1 : (footprints[via * FOOTPRINT.size + FOOTPRINT.writes] as number);
    const meets =
      ((blocks[block + BLOCK.reads] as number) & writes) |
      ((blocks[block + BLOCK.writes] as number) & reads);
    if (meets === 0 && (blocks[block + BLOCK.latest] as number) < via) return end;
    const first = rows[base] as number;
    const second = words > 1 ? (rows[base + 1] as number) : 0;
    let at = movesOf(blocks, block);
    let to = end;
    for (let move = blocks[block + BLOCK.moves] as number; move > 0; move--) {
      const ordinal = blocks[at] as number;
      const meet =
        ((blocks[at + MOVE.reads] as number) & writes) | ((blocks[at + MOVE.writes] as number) & reads);
      candidates[to] = index;
      candidates[to + CANDIDATE.move] = ordinal;
      const row = to + CANDIDATE.row;
      at += MOVE.delta;
      candidates[row] = first ^ (blocks[at] as number);
      if (words > 1) candidates[row + 1] = second ^ (blocks[at + 1] as number);
      for (let word = 2; word < words; word++)
        candidates[row + word] = (rows[base + word] as number) ^ (blocks[at + word] as number);
      at += words;
      const isLater = (via - ordinal) >> 31;
      to +=
        size &
        (isNot0(meet) |
          (isLater & isNot0(footprints[ordinal * FOOTPRINT.size + FOOTPRINT.finds] as number)));
    }
    return to;
  };
}

/** How candidates are written where the search is so far. */
export function emitTo({ visited, words, orbits, footprints }: View): Emit {
  // with orbits a row is not yet the one to look for, and no state knows by which move it was found
  return visited.isBitmap && orbits === undefined ? unseen(visited) : unforeseen(footprints, words);
}
