/**
 * How the compiled forest lies in 32-bit words: `Tables` writes them, and every thread that expands states reads them.
 */

/**
 * Offsets within a bundle. Its counted questions follow, then its plain ones, then its moves. `reads` and `writes` are
 * those of all its moves together; `latest` is the largest ordinal among its productive moves, or -1.
 */
export const BUNDLE = {
  serial: 0,
  offGoal: 1,
  counted: 2,
  plain: 3,
  moves: 4,
  reads: 5,
  writes: 6,
  latest: 7,
  size: 8,
} as const;

/** Offsets within a question: the span it is about, and where its table of answers starts in `children`. */
export const QUESTION = { span: 0, table: 1, size: 2 } as const;
/** A plain question also has the bits of all probes on the way to it and behind it. */
export const PLAIN_QUESTION = { ...QUESTION, probeBits: 2, size: 3 } as const;

/**
 * Offsets within a move: its ordinal; the groups that its calls read and those that it writes, as bits (one bit may
 * stand for several groups); then the words to exclusive-or into the row.
 */
export const MOVE = { ordinal: 0, reads: 1, writes: 2, delta: 3 } as const;

/** Low bits of an entry of `children`: whether its bundle has questions, and whether it has moves or is off a goal. */
export const CHILD = { asks: 1, acts: 2, shift: 2 } as const;

/**
 * Offsets within `footprints`, by a move's ordinal: `reads` and `writes` as in a move; the bits of the probes whose
 * answers it changes; whether it is productive: whether it has ever led to a state that was new then, even if another
 * move of the same state came first and was credited with it.
 */
export const FOOTPRINT = { reads: 0, writes: 1, changes: 2, productive: 3, size: 4 } as const;

/** Where a bundle's moves start. */
export function movesOf(bundles: Int32Array, bundle: number): number {
  const counted = (bundles[bundle + BUNDLE.counted] as number) * QUESTION.size;
  return bundle + BUNDLE.size + counted + (bundles[bundle + BUNDLE.plain] as number) * PLAIN_QUESTION.size;
}

/** Where a state's row is: at `rows[base…]`. */
export interface Row {
  rows: Int32Array;
  base: number;
}
