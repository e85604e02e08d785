import { BUNDLE, FOOTPRINT, MOVE, movesOf, type Row } from '../compile/offsets.ts';
import type { View } from './shared.ts';
import type { Visited } from './visited.ts';

/** Offsets within a successor: the state it comes from, the move's ordinal; its row follows. */
export const SUCCESSOR = { parent: 0, move: 1, row: 2 } as const;

/** A state: its row at `rows[base…]`, and the ordinal of the move that it was found by. */
export interface Source extends Row {
  index: number;
  foundBy: number;
}

/**
 * Writes the successors that a bundle's moves make of a state, from `successors[end]` on, where there must be room. It
 * may leave out some that were found before. It writes those too, and then moves the end by their size or by 0: a
 * branch there would be mispredicted half of the time.
 *
 * @returns where the successors end then
 */
export type WriteSuccessors = (
  bundles: Int32Array,
  bundle: number,
  source: Source,
  successors: Int32Array,
  end: number,
) => number;

/** All ones where the word is not 0. */
const isNot0 = (word: number): number => (word | (0 - word)) >> 31;

/** For rows of one word with a bit for each that there could be: the bit says it. */
function unseen({ memory }: Visited): WriteSuccessors {
  const size = SUCCESSOR.row + 1;
  return (bundles, bundle, { index, rows, base }, successors, end) => {
    const row = rows[base] as number;
    let at = movesOf(bundles, bundle);
    let to = end;
    for (let move = bundles[bundle + BUNDLE.moves] as number; move > 0; move--, at += MOVE.delta + 1) {
      const next = row ^ (bundles[at + MOVE.delta] as number);
      successors[to] = index;
      successors[to + SUCCESSOR.move] = bundles[at] as number;
      successors[to + SUCCESSOR.row] = next;
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
function unforeseen(footprints: Int32Array, words: number): WriteSuccessors {
  const size = SUCCESSOR.row + words;
  return (bundles, bundle, { index, rows, base, foundBy }, successors, end) => {
    const reads = foundBy < 0 ? -1 : (footprints[foundBy * FOOTPRINT.size] as number);
    const writes = foundBy < 0 ? -1 : (footprints[foundBy * FOOTPRINT.size + FOOTPRINT.writes] as number);
    const meets =
      ((bundles[bundle + BUNDLE.reads] as number) & writes) |
      ((bundles[bundle + BUNDLE.writes] as number) & reads);
    if (meets === 0 && (bundles[bundle + BUNDLE.latest] as number) < foundBy) return end;
    const first = rows[base] as number;
    const second = words > 1 ? (rows[base + 1] as number) : 0;
    let at = movesOf(bundles, bundle);
    let to = end;
    for (let move = bundles[bundle + BUNDLE.moves] as number; move > 0; move--) {
      const ordinal = bundles[at] as number;
      const meet =
        ((bundles[at + MOVE.reads] as number) & writes) | ((bundles[at + MOVE.writes] as number) & reads);
      successors[to] = index;
      successors[to + SUCCESSOR.move] = ordinal;
      const row = to + SUCCESSOR.row;
      at += MOVE.delta;
      successors[row] = first ^ (bundles[at] as number);
      if (words > 1) successors[row + 1] = second ^ (bundles[at + 1] as number);
      for (let word = 2; word < words; word++)
        successors[row + word] = (rows[base + word] as number) ^ (bundles[at + word] as number);
      at += words;
      const isLater = (foundBy - ordinal) >> 31;
      to +=
        size &
        (isNot0(meet) |
          (isLater & isNot0(footprints[ordinal * FOOTPRINT.size + FOOTPRINT.productive] as number)));
    }
    return to;
  };
}

/** The writer for this view: which successors it leaves out depends on how the set of visited rows is held. */
export function successorWriter({ visited, words, orbits, footprints }: View): WriteSuccessors {
  // with orbits the row is another one than the bitmap knows, and `foundBy` is not known
  return visited.isBitmap && orbits === undefined ? unseen(visited) : unforeseen(footprints, words);
}
