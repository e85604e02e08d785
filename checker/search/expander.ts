import {
  BUNDLE,
  CHILD,
  FOOTPRINT,
  MOVE,
  movesOf,
  PLAIN_QUESTION,
  type Row,
  QUESTION,
} from '../compile/offsets.ts';
import { entryOf, SPAN } from '../compile/spans.ts';
import { allocate, withRoom } from '../compile/words.ts';
import { Canonizer } from '../symmetry/orbits.ts';
import type { View } from './shared.ts';
import { CHUNK, CHUNK_BITS, UNKNOWN } from './states.ts';
import { SUCCESSOR, type WriteSuccessors, successorWriter, type Source } from './successors.ts';

/** Fills in the entry of `children` that a question leads to for a row, where it is still 0; 0 where that cannot be said. */
export type Link = (bundle: number, question: number, row: Row) => number;

/** States whose successors are held against the set of visited rows together. */
const LOOK_UP_TOGETHER = 64;

/**
 * The hot loop. Takes one state after the other, finds its moves in the tables and writes its successors: the rows that
 * the moves lead to, but for some that are known to have been found before. It changes nothing but its own buffers and
 * counts.
 */
export class Expander {
  readonly view: View;
  /** How often each entry of `children` was used. */
  readonly visits: Int32Array;
  readonly successors: Int32Array;
  successorsEnd = 0;
  /** Keeps the loads of `#prefetch` from being optimised away. */
  loaded = 0;
  /** States that no move changes. */
  readonly unmoved: number[] = [];
  /** States of which something is not known yet. They are not counted. */
  readonly unknown: number[] = [];
  /** The offsets of the bundles with questions that the state comes by. */
  #path: Int32Array;
  /** The offsets of the bundles with moves. */
  #acting: Int32Array;
  #actingEnd = 0;
  /** The entries of `children` that it comes by and that are counted. */
  #trail: Int32Array;
  #trailEnd = 0;
  /** What the state holds: the number of each span. */
  readonly #numbers: Int32Array;
  readonly #next: Int32Array;
  readonly #canonizer: Canonizer | undefined;
  readonly #write: WriteSuccessors;
  readonly #link: Link | undefined;
  readonly #source: Source = { index: 0, rows: new Int32Array(0), base: 0, foundBy: UNKNOWN };

  /** @param link where this is the thread that writes the tables; what it collects is then all that it comes to */
  constructor(view: View, visits: Int32Array, successors: Int32Array, link?: Link) {
    this.view = view;
    this.visits = visits;
    this.successors = successors;
    this.#numbers = new Int32Array(view.spans.length / SPAN.size);
    this.#next = new Int32Array(view.words);
    this.#canonizer = view.orbits && new Canonizer(view.orbits, view.lanes, view.words);
    this.#write = successorWriter(view);
    this.#link = link;
    this.#path = new Int32Array(256);
    this.#acting = new Int32Array(256);
    this.#trail = new Int32Array(256);
  }

  /**
   * Writes the successors of the states from `from` up to `to`.
   *
   * @returns the state it stopped before: `to`, or one for whose successors there is no room, or, on the thread that
   *   writes the tables, one of which something is not known yet
   */
  collect(from: number, to: number): number {
    this.successorsEnd = 0;
    this.unmoved.length = 0;
    this.unknown.length = 0;
    let index = from;
    while (index < to) {
      const start = this.successorsEnd;
      const stop = Math.min(index + LOOK_UP_TOGETHER, to);
      while (index < stop && this.#expand(index)) index++;
      this.#prefetch(start);
      if (this.#link === undefined) this.#dropKnown(start);
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
    const { bundles, words, visited } = this.view;
    const { rows, base } = this.#source;
    const next = this.#next;
    let offGoal = 0;
    for (let at = 0; at < this.#actingEnd; at++)
      offGoal |= bundles[(this.#acting[at] as number) + BUNDLE.offGoal] as number;
    if ((offGoal & (1 << ordinal)) === 0) return true;
    for (let at = 0; at < this.#actingEnd; at++) {
      const bundle = this.#acting[at] as number;
      let move = movesOf(bundles, bundle);
      const size = MOVE.delta + words;
      const end = move + size * (bundles[bundle + BUNDLE.moves] as number);
      for (; move < end; move += size) {
        for (let word = 0; word < words; word++)
          next[word] = (rows[base + word] as number) ^ (bundles[move + MOVE.delta + word] as number);
        this.#canonizer?.row(next, 0);
        const place = visited.placeOf(next, 0);
        if (((good[place >>> 3] as number) & (1 << (place & 7))) !== 0) return true;
      }
    }
    return false;
  }

  /**
   * Reads every place where the successors from `start` on will be looked up. These loads do not wait for one
   * another, so that the cache misses, most of the time of a search, overlap.
   */
  #prefetch(start: number): void {
    const { successors, successorsEnd } = this;
    const { words, visited } = this.view;
    const size = SUCCESSOR.row + words;
    let loaded = 0;
    for (let at = start; at < successorsEnd; at += size)
      loaded ^= visited.prefetch(successors, at + SUCCESSOR.row);
    this.loaded = loaded;
  }

  /** Drops the successors from `start` on that were found before. */
  #dropKnown(start: number): void {
    const { successors, successorsEnd } = this;
    const { words, visited } = this.view;
    const size = SUCCESSOR.row + words;
    let kept = start;
    for (let at = start; at < successorsEnd; at += size) {
      if (visited.has(successors, at + SUCCESSOR.row)) continue;
      for (let word = 0; word < size; word++) successors[kept + word] = successors[at + word] as number;
      kept += size;
    }
    this.successorsEnd = kept;
  }

  /** Whether the state could be dealt with: its successors written, or the state left for later as unknown. */
  #expand(index: number): boolean {
    if (!this.#walk(index, true)) {
      this.unknown.push(index);
      return this.#link === undefined;
    }
    if (!this.#step()) return false;
    this.#count(1);
    return true;
  }

  /** Writes the successors of the state that was walked last. False where there is no room. */
  #step(): boolean {
    const { bundles, words } = this.view;
    const source = this.#source;
    const { successors } = this;
    const acting = this.#acting;
    const actingEnd = this.#actingEnd;
    const write = this.#write;
    let moves = 0;
    let end = this.successorsEnd;
    for (let at = 0; at < actingEnd; at++) {
      const bundle = acting[at] as number;
      const count = bundles[bundle + BUNDLE.moves] as number;
      moves += count;
      if (end + count * (SUCCESSOR.row + words) > successors.length) return false;
      end = write(bundles, bundle, source, successors, end);
    }
    if (moves === 0) this.unmoved.push(source.index);
    if (this.#canonizer !== undefined)
      for (let at = this.successorsEnd; at < end; at += SUCCESSOR.row + words)
        this.#canonizer.row(successors, at + SUCCESSOR.row);
    this.successorsEnd = end;
    return true;
  }

  /** Takes up a state: its row, and the number of what each of its spans holds. */
  #enter(index: number): void {
    const { chunks, foundBy, words, spans, numbers } = this.view;
    const source = this.#source;
    source.index = index;
    source.rows = chunks[index >>> CHUNK_BITS] as Int32Array;
    source.base = (index & (CHUNK - 1)) * words;
    source.foundBy = foundBy[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? UNKNOWN;
    for (let span = 0, at = 0; at < spans.length; span++, at += SPAN.size)
      this.#numbers[span] = numbers[entryOf(spans, at, source.rows, source.base)] as number;
  }

  /**
   * Finds the bundles that a state comes by. False where it comes to what is not known yet. A plain question is left
   * out where none of its probes has another answer than in the state before: where the move that the state was found
   * by changes none. Its sentences are decided there as they were, and nothing is counted.
   */
  #walk(index: number, plainToo: boolean): boolean {
    this.#enter(index);
    const { bundles, children, footprints, root } = this.view;
    const numbers = this.#numbers;
    const { foundBy } = this.#source;
    const changes = foundBy < 0 ? -1 : (footprints[foundBy * FOOTPRINT.size + FOOTPRINT.changes] as number);
    let path = this.#path;
    let acting = this.#acting;
    let trail = this.#trail;
    let trailEnd = 0;
    path[0] = root >> CHILD.shift;
    acting[0] = root >> CHILD.shift;
    let end = 1;
    let actingEnd = (root & CHILD.acts) >> 1;
    for (let at = 0; at < end; at++) {
      const bundle = path[at] as number;
      let question = bundle + BUNDLE.size;
      const counted = question + QUESTION.size * (bundles[bundle + BUNDLE.counted] as number);
      const last = plainToo
        ? counted + PLAIN_QUESTION.size * (bundles[bundle + BUNDLE.plain] as number)
        : counted;
      const room = last - question;
      if (end + room > path.length) path = this.#path = withRoom(path, end + room, allocate);
      if (trailEnd + room >= trail.length) {
        trail = this.#trail = withRoom(trail, trailEnd + room + 1, allocate);
        acting = this.#acting = withRoom(acting, trail.length, allocate);
      }
      for (; question < counted; question += QUESTION.size) {
        const table = bundles[question + QUESTION.table] as number;
        const span = bundles[question] as number;
        const child =
          (children[table + (numbers[span] as number)] as number) || this.#missing(bundle, question, span);
        if (child === 0) return false;
        trail[trailEnd++] = table + (numbers[span] as number);
        path[end] = acting[actingEnd] = child >> CHILD.shift;
        end += child & CHILD.asks;
        actingEnd += (child & CHILD.acts) >> 1;
      }
      for (; question < last; question += PLAIN_QUESTION.size) {
        if (((bundles[question + PLAIN_QUESTION.probeBits] as number) & changes) === 0) continue;
        const table = bundles[question + QUESTION.table] as number;
        const span = bundles[question] as number;
        const child =
          (children[table + (numbers[span] as number)] as number) || this.#missing(bundle, question, span);
        if (child === 0) return false;
        path[end] = child >> CHILD.shift;
        end += child & CHILD.asks;
      }
    }
    this.#actingEnd = actingEnd;
    this.#trailEnd = trailEnd;
    return true;
  }

  /** The entry that is still 0, filled in; 0 where another thread must do that, or where something is to be learned. */
  #missing(bundle: number, question: number, span: number): number {
    const child = this.#link?.(bundle, question, this.#source) ?? 0;
    if (child === 0) return 0;
    const { rows, base } = this.#source;
    const { spans, numbers } = this.view;
    this.#numbers[span] = numbers[entryOf(spans, span * SPAN.size, rows, base)] as number;
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
