import { CHUNK, CHUNK_BITS, UNKNOWN } from './states.ts';
import { CANDIDATE, type Emit, emitTo, type Source } from './successors.ts';
import { Canonizer } from '../symmetry/orbits.ts';
import { entryOf, SPAN } from '../compile/spans.ts';
import { BLOCK, CHILD, FOOTPRINT, MOVE, movesOf, PLAIN, type Row, STATION } from '../compile/offsets.ts';
import type { View } from './shared.ts';
import { allocate, withRoom } from '../compile/words.ts';

/** Links what a walk came to that is not linked yet: the entry of `children`, or 0. */
export type Link = (block: number, station: number, row: Row) => number;

/** States whose candidates are held against the set of visited rows together. */
const SIEVE = 64;

/**
 * The hot loop. Looks at one state after the other, finds in the tables what its moves are, and collects the rows that
 * they lead to and that were not seen before: the candidates. It changes nothing but its own buffers and counts.
 */
export class Expander {
  readonly view: View;
  /** How often each entry of `children` was used. */
  readonly visits: Int32Array;
  readonly candidates: Int32Array;
  candidatesEnd = 0;
  /** Keeps the loads of `#warm` from being optimised away. */
  warmth = 0;
  /** States that no move changes. */
  readonly quiet: number[] = [];
  /** States of which something is not known yet. They are not counted. */
  readonly unknown: number[] = [];
  /** The offsets of the blocks with stations that the state comes by. */
  #path: Int32Array;
  /** The offsets of the blocks with moves. */
  #acting: Int32Array;
  #actingEnd = 0;
  /** The entries of `children` that it comes by and that are counted. */
  #trail: Int32Array;
  #trailEnd = 0;
  /** What the state holds: the code of each span. */
  readonly #codes: Int32Array;
  readonly #next: Int32Array;
  readonly #canonizer: Canonizer | undefined;
  readonly #emit: Emit;
  readonly #link: Link | undefined;
  readonly #source: Source = { index: 0, rows: new Int32Array(0), base: 0, via: UNKNOWN };

  /** @param link where this is the thread that writes the tables; what it collects is then all that it comes to */
  constructor(view: View, visits: Int32Array, candidates: Int32Array, link?: Link) {
    this.view = view;
    this.visits = visits;
    this.candidates = candidates;
    this.#codes = new Int32Array(view.spans.length / SPAN.size);
    this.#next = new Int32Array(view.words);
    this.#canonizer = view.orbits && new Canonizer(view.orbits, view.lanes, view.words);
    this.#emit = emitTo(view);
    this.#link = link;
    this.#path = new Int32Array(256);
    this.#acting = new Int32Array(256);
    this.#trail = new Int32Array(256);
  }

  /**
   * Collects the candidates of the states from `from` up to `to`.
   *
   * @returns the state it stopped before: `to`, or one for whose candidates there is no room, or, on the thread that
   *   writes the tables, one of which something is not known yet
   */
  collect(from: number, to: number): number {
    this.candidatesEnd = 0;
    this.quiet.length = 0;
    this.unknown.length = 0;
    let index = from;
    while (index < to) {
      const start = this.candidatesEnd;
      const stop = Math.min(index + SIEVE, to);
      while (index < stop && this.#expand(index)) index++;
      this.#warm(start);
      if (this.#link === undefined) this.#sieve(start);
      if (index < stop) break;
    }
    return index;
  }

  /** Takes back the count of a state that was collected. False where the tables do not know it any more. */
  uncount(index: number): boolean {
    if (!this.#walk(index, false)) return false;
    this.#count(-1);
    return true;
  }

  /**
   * Whether an expanded state is of the goal of a recoverable property or has a move to a state marked good.
   * `undefined` where the tables do not know it any more.
   */
  reaches(index: number, ordinal: number, good: Uint8Array): boolean | undefined {
    if (!this.#walk(index, false)) return undefined;
    const { blocks, words, visited } = this.view;
    const { rows, base } = this.#source;
    const next = this.#next;
    let offGoal = 0;
    for (let at = 0; at < this.#actingEnd; at++)
      offGoal |= blocks[(this.#acting[at] as number) + BLOCK.offGoal] as number;
    if ((offGoal & (1 << ordinal)) === 0) return true;
    for (let at = 0; at < this.#actingEnd; at++) {
      const block = this.#acting[at] as number;
      let move = movesOf(blocks, block);
      const size = MOVE.delta + words;
      const end = move + size * (blocks[block + BLOCK.moves] as number);
      for (; move < end; move += size) {
        for (let word = 0; word < words; word++)
          next[word] = (rows[base + word] as number) ^ (blocks[move + MOVE.delta + word] as number);
        this.#canonizer?.row(next, 0);
        const position = visited.find(next, 0);
        if (((good[position >>> 3] as number) & (1 << (position & 7))) !== 0) return true;
      }
    }
    return false;
  }

  /**
   * Reads every place where the candidates from `start` on will be looked for. These loads do not wait for one
   * another, so that the cache misses, most of the time of a search, overlap.
   */
  #warm(start: number): void {
    const { candidates, candidatesEnd } = this;
    const { words, visited } = this.view;
    const size = CANDIDATE.row + words;
    let warmth = 0;
    for (let at = start; at < candidatesEnd; at += size)
      warmth ^= visited.warm(candidates, at + CANDIDATE.row);
    this.warmth = warmth;
  }

  /** Keeps the candidates from `start` on that were not seen before. */
  #sieve(start: number): void {
    const { candidates, candidatesEnd } = this;
    const { words, visited } = this.view;
    const size = CANDIDATE.row + words;
    let kept = start;
    for (let at = start; at < candidatesEnd; at += size) {
      if (visited.has(candidates, at + CANDIDATE.row)) continue;
      for (let word = 0; word < size; word++) candidates[kept + word] = candidates[at + word] as number;
      kept += size;
    }
    this.candidatesEnd = kept;
  }

  /** Whether the state could be dealt with: its candidates collected, or left for later as unknown. */
  #expand(index: number): boolean {
    if (!this.#walk(index, true)) {
      this.unknown.push(index);
      return this.#link === undefined;
    }
    if (!this.#step()) return false;
    this.#count(1);
    return true;
  }

  /** Writes what the state that was walked last leads to, but for some that was seen. False where there is no room. */
  #step(): boolean {
    const { blocks, words } = this.view;
    const source = this.#source;
    const { candidates } = this;
    const acting = this.#acting;
    const actingEnd = this.#actingEnd;
    const emit = this.#emit;
    let moves = 0;
    let end = this.candidatesEnd;
    for (let at = 0; at < actingEnd; at++) {
      const block = acting[at] as number;
      const count = blocks[block + BLOCK.moves] as number;
      moves += count;
      if (end + count * (CANDIDATE.row + words) > candidates.length) return false;
      end = emit(blocks, block, source, candidates, end);
    }
    if (moves === 0) this.quiet.push(source.index);
    if (this.#canonizer !== undefined)
      for (let at = this.candidatesEnd; at < end; at += CANDIDATE.row + words)
        this.#canonizer.row(candidates, at + CANDIDATE.row);
    this.candidatesEnd = end;
    return true;
  }

  /**
   * Finds the blocks that a state comes by. False where it comes to what is not known yet. Sentences that look at
   * nothing that the move changed by which the state was found are decided as they were in the state before: they need
   * not be looked at, and are not counted.
   */
  #walk(index: number, plainToo: boolean): boolean {
    const { blocks, children, chunks, vias, footprints, words, root, spans } = this.view;
    const codes = this.#codes;
    const source = this.#source;
    const rows = chunks[index >>> CHUNK_BITS] as Int32Array;
    const base = (index & (CHUNK - 1)) * words;
    const via = vias[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? UNKNOWN;
    source.index = index;
    source.rows = rows;
    source.base = base;
    source.via = via;
    for (let span = 0, at = 0; at < spans.length; span++, at += SPAN.size) {
      codes[span] = this.view.codes[entryOf(spans, at, rows, base)] as number;
    }
    const changes = via < 0 ? -1 : (footprints[via * FOOTPRINT.size + FOOTPRINT.changes] as number);
    let path = this.#path;
    let acting = this.#acting;
    let trail = this.#trail;
    let trailEnd = 0;
    path[0] = root >> CHILD.shift;
    acting[0] = root >> CHILD.shift;
    let end = 1;
    let actingEnd = (root & CHILD.acts) >> 1;
    for (let at = 0; at < end; at++) {
      const block = path[at] as number;
      let station = block + BLOCK.size;
      const counted = station + STATION.size * (blocks[block + BLOCK.counted] as number);
      const last = plainToo ? counted + PLAIN.size * (blocks[block + BLOCK.plain] as number) : counted;
      const room = last - station;
      if (end + room > path.length) path = this.#path = withRoom(path, end + room, allocate);
      if (trailEnd + room >= trail.length) {
        trail = this.#trail = withRoom(trail, trailEnd + room + 1, allocate);
        acting = this.#acting = withRoom(acting, trail.length, allocate);
      }
      for (; station < counted; station += STATION.size) {
        const table = blocks[station + STATION.table] as number;
        const span = blocks[station] as number;
        const child =
          (children[table + (codes[span] as number)] as number) || this.#missing(block, station, span);
        if (child === 0) return false;
        trail[trailEnd++] = table + (codes[span] as number);
        path[end] = acting[actingEnd] = child >> CHILD.shift;
        end += child & CHILD.asks;
        actingEnd += (child & CHILD.acts) >> 1;
      }
      for (; station < last; station += PLAIN.size) {
        if (((blocks[station + PLAIN.looks] as number) & changes) === 0) continue;
        const table = blocks[station + STATION.table] as number;
        const span = blocks[station] as number;
        const child =
          (children[table + (codes[span] as number)] as number) || this.#missing(block, station, span);
        if (child === 0) return false;
        path[end] = child >> CHILD.shift;
        end += child & CHILD.asks;
      }
    }
    this.#actingEnd = actingEnd;
    this.#trailEnd = trailEnd;
    return true;
  }

  /** What an entry should be that is not linked yet; 0 where that is not for this thread or not at once to be said. */
  #missing(block: number, station: number, span: number): number {
    const child = this.#link?.(block, station, this.#source) ?? 0;
    if (child === 0) return 0;
    const { rows, base } = this.#source;
    const { spans, codes } = this.view;
    this.#codes[span] = codes[entryOf(spans, span * SPAN.size, rows, base)] as number;
    return child;
  }

  #count(by: number): void {
    const { visits } = this;
    const trail = this.#trail;
    const end = this.#trailEnd;
    for (let at = 0; at < end; at++) {
      const entry = trail[at] as number;
      visits[entry] = (visits[entry] as number) + by;
    }
  }
}
