/**
 * How the compiled forest lies in 32-bit words: what `Tables` writes, and what every thread that expands states reads.
 */

/**
 * Offsets within a block. The counted stations follow, then the plain ones, then the moves. `reads` and `writes` are
 * those of all its moves together; `latest` is the largest ordinal of those that have found a new state, or -1.
 */
export const BLOCK = {
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

/** Offsets within a station: the span it looks at, and where its table of children starts. */
export const STATION = { span: 0, table: 1, size: 2 } as const;
/** A plain station also has the bits of all looks on the way to it and behind it. */
export const PLAIN = { ...STATION, looks: 2, size: 3 } as const;

/**
 * Offsets within a move: its ordinal, the parts that its calls look at and those that it writes, as bits (a bit may
 * stand for more than one part), then the words to exclusive-or into the row.
 */
export const MOVE = { ordinal: 0, reads: 1, writes: 2, delta: 3 } as const;

/** Low bits of an entry of `children`: whether its block has stations, and whether it has moves or is off a goal. */
export const CHILD = { asks: 1, acts: 2, shift: 2 } as const;

/**
 * Offsets within `footprints`, by a move's ordinal: as in a move; the bits of the looks that see a difference; whether it
 * has ever led to a state that was new then, whichever move was credited with it.
 */
export const FOOTPRINT = { reads: 0, writes: 1, changes: 2, finds: 3, size: 4 } as const;

/** Where a block's moves start. */
export function movesOf(blocks: Int32Array, block: number): number {
  const counted = (blocks[block + BLOCK.counted] as number) * STATION.size;
  return block + BLOCK.size + counted + (blocks[block + BLOCK.plain] as number) * PLAIN.size;
}

/** Where a state's row is: at `rows[base…]`. */
export interface Row {
  rows: Int32Array;
  base: number;
}
