import { CHUNK, CHUNK_BITS } from './arena.ts';
import { Canonizer, type OrbitTables } from './orbits.ts';
import { LANE, unpack } from './packing.ts';
import { BRANCH, NODE } from './tables.ts';
import type { Visited } from './visited.ts';

/** What an expander reads: plain words, shared by all threads, that one thread writes. */
export interface View {
  readonly chunks: readonly Int32Array[];
  readonly words: number;
  readonly lanes: Int32Array;
  /** Bits of a row in use: they decide how the visited set is laid out. */
  readonly bits: number;
  readonly blocks: Int32Array;
  readonly children: Int32Array;
  readonly root: number;
  readonly visited: Visited;
  /** Where only one state of each orbit is kept. */
  readonly orbits: OrbitTables | undefined;
}

/** Offsets within a candidate: the state it comes from, the move's ordinal; its row follows. */
export const CANDIDATE = { parent: 0, move: 1, row: 2 } as const;

/** States whose candidates are held against the set of visited rows together. */
const SIEVE = 64;

/**
 * The hot loop. Walks the forest with the codes of one state after the other and collects the rows that their moves
 * lead to and that were not seen before: the candidates. It changes nothing but its own buffers and counts.
 */
export class Expander {
  readonly view: View;
  /** How often each entry of `children` was used. */
  readonly visits: Int32Array;
  readonly candidates: Int32Array;
  candidatesEnd = 0;
  /** Keeps the loads of `#sieve` from being optimised away. */
  warmth = 0;
  /** States that no move changes. */
  readonly quiet: number[] = [];
  /** States of which something is not known yet. They are not counted. */
  readonly unknown: number[] = [];
  /** The offsets of the nodes with something to do that the state comes by. */
  #path: Int32Array;
  #pathEnd = 0;
  /** Where the last walk that failed did: at which node of the path, before which of the counted branches. */
  #failedAt = 0;
  #failedBranch = 0;
  readonly #codes: Int32Array;
  readonly #next: Int32Array;
  readonly #canonizer: Canonizer | undefined;

  constructor(view: View, visits: Int32Array, candidates: Int32Array) {
    this.view = view;
    this.visits = visits;
    this.candidates = candidates;
    this.#codes = new Int32Array(view.lanes.length / LANE.size);
    this.#next = new Int32Array(view.words);
    this.#canonizer = view.orbits && new Canonizer(view.orbits, view.lanes, view.words);
    this.#path = new Int32Array(256);
  }

  /**
   * Collects the candidates of the states from `from` up to `to`.
   *
   * @returns the state it stopped before: `to`, or one for whose candidates there is no room, or, unless `goesOn`,
   *   one of which something is not known yet
   */
  collect(from: number, to: number, goesOn: boolean): number {
    this.candidatesEnd = 0;
    this.quiet.length = 0;
    this.unknown.length = 0;
    let index = from;
    while (index < to) {
      const start = this.candidatesEnd;
      const stop = Math.min(index + SIEVE, to);
      while (index < stop && this.#expand(index, goesOn)) index++;
      this.#sieve(start);
      if (index < stop) break;
    }
    return index;
  }

  /** Takes back the counts of states that were collected: those `from` up to `to` but the unknown ones. */
  uncount(from: number, to: number, unknown: readonly number[]): void {
    const skip = new Set(unknown);
    for (let index = from; index < to; index++) if (!skip.has(index)) this.#walk(index, -1, true);
  }

  /** Whether an expanded state is of the goal of a recoverable property or has a move to a state marked good. */
  reaches(index: number, ordinal: number, good: Uint8Array): boolean {
    if (!this.#walk(index, 0, false)) throw new Error(`state ${index} was not expanded`);
    const { blocks, chunks, words, visited } = this.view;
    const rows = chunks[index >>> CHUNK_BITS] as Int32Array;
    const base = (index & (CHUNK - 1)) * words;
    const next = this.#next;
    let offGoal = 0;
    for (let at = 0; at < this.#pathEnd; at++)
      offGoal |= blocks[(this.#path[at] as number) + NODE.offGoal] as number;
    if ((offGoal & (1 << ordinal)) === 0) return true;
    for (let at = 0; at < this.#pathEnd; at++) {
      const node = this.#path[at] as number;
      let delta = movesOf(blocks, node);
      const end = delta + (blocks[node + NODE.moves] as number) * words;
      while (delta < end) {
        for (let word = 0; word < words; word++, delta++)
          next[word] = (rows[base + word] as number) ^ (blocks[delta] as number);
        this.#canonizer?.row(next, 0);
        const position = visited.find(next, 0);
        if (((good[position >>> 3] as number) & (1 << (position & 7))) !== 0) return true;
      }
    }
    return false;
  }

  /**
   * Keeps the candidates from `start` on that were not seen before. First every place that will be looked at is read
   * once: these loads do not wait for one another, so that the cache misses, most of the time of a search, overlap.
   */
  #sieve(start: number): void {
    const { candidates, candidatesEnd } = this;
    const { words, visited } = this.view;
    const size = CANDIDATE.row + words;
    let warmth = 0;
    for (let at = start; at < candidatesEnd; at += size)
      warmth ^= visited.warm(candidates, at + CANDIDATE.row);
    this.warmth = warmth;
    let kept = start;
    for (let at = start; at < candidatesEnd; at += size) {
      if (visited.has(candidates, at + CANDIDATE.row)) continue;
      for (let word = 0; word < size; word++) candidates[kept + word] = candidates[at + word] as number;
      kept += size;
    }
    this.candidatesEnd = kept;
  }

  /** Whether the state could be dealt with: its candidates collected, or left for later as unknown. */
  #expand(index: number, goesOn: boolean): boolean {
    if (!this.#walk(index, 1, true)) {
      this.#takeBack(index);
      this.unknown.push(index);
      return goesOn;
    }
    if (this.#step(index)) return true;
    this.#walk(index, -1, true); // takes its counts back
    return false;
  }

  /** Writes what the state that was walked last leads to, seen or not. False where there is no room. */
  #step(index: number): boolean {
    const { blocks, chunks, words } = this.view;
    const canonizer = this.#canonizer;
    const { candidates } = this;
    const path = this.#path;
    const rows = chunks[index >>> CHUNK_BITS] as Int32Array;
    const base = (index & (CHUNK - 1)) * words;
    let moves = 0;
    for (let at = 0; at < this.#pathEnd; at++) moves += blocks[(path[at] as number) + NODE.moves] as number;
    let end = this.candidatesEnd;
    if (end + moves * (CANDIDATE.row + words) > candidates.length) return false;
    if (moves === 0) this.quiet.push(index);
    for (let at = 0; at < this.#pathEnd; at++) {
      const node = path[at] as number;
      const count = blocks[node + NODE.moves] as number;
      const first = blocks[node + NODE.firstMove] as number;
      let delta = movesOf(blocks, node);
      for (let move = 0; move < count; move++) {
        candidates[end + CANDIDATE.parent] = index;
        candidates[end + CANDIDATE.move] = first + move;
        const row = end + CANDIDATE.row;
        for (let word = 0; word < words; word++, delta++)
          candidates[row + word] = (rows[base + word] as number) ^ (blocks[delta] as number);
        if (canonizer !== undefined) canonizer.row(candidates, row);
        end = row + words;
      }
    }
    this.candidatesEnd = end;
    return true;
  }

  /**
   * Walks the forest with a state's codes, adding `count` to the visits on the way. False, half-way, where it comes
   * to what is not known yet, or after so many `nodes`.
   */
  #walk(index: number, count: number, plainToo: boolean, nodes = Infinity): boolean {
    const { blocks, children, chunks, words, root, lanes } = this.view;
    const { visits } = this;
    const codes = this.#codes;
    let path = this.#path;
    unpack(lanes, chunks[index >>> CHUNK_BITS] as Int32Array, (index & (CHUNK - 1)) * words, codes);
    path[0] = root;
    let end = 1;
    for (let at = 0; at < end && at < nodes; at++) {
      const node = path[at] as number;
      let branch = node + NODE.size;
      const counted = branch + BRANCH.size * (blocks[node + NODE.counted] as number);
      const last = plainToo ? counted + BRANCH.size * (blocks[node + NODE.plain] as number) : counted;
      if (end + last - branch > path.length) path = this.#longerPath(end + last - branch);
      for (; branch < counted; branch += BRANCH.size) {
        const entry =
          (blocks[branch + BRANCH.table] as number) + (codes[blocks[branch] as number] as number);
        const child = children[entry] as number;
        if (child === 0) return this.#fail(at, branch);
        visits[entry] = (visits[entry] as number) + count;
        path[end] = child;
        end += child > 0 ? 1 : 0;
      }
      for (; branch < last; branch += BRANCH.size) {
        const child = children[
          (blocks[branch + BRANCH.table] as number) + (codes[blocks[branch] as number] as number)
        ] as number;
        if (child === 0) return this.#fail(at, counted);
        path[end] = child;
        end += child > 0 ? 1 : 0;
      }
    }
    this.#pathEnd = end;
    return true;
  }

  #fail(at: number, branch: number): false {
    this.#failedAt = at;
    this.#failedBranch = branch;
    return false;
  }

  /**
   * Takes back the counts of a walk that failed, up to where it failed: meanwhile another thread may have learned
   * what was missing, and then a second walk would go on.
   */
  #takeBack(index: number): void {
    const at = this.#failedAt;
    const failed = this.#failedBranch;
    this.#walk(index, -1, true, at);
    const { blocks } = this.view;
    for (let branch = (this.#path[at] as number) + NODE.size; branch < failed; branch += BRANCH.size) {
      const code = this.#codes[blocks[branch + BRANCH.part] as number] as number;
      const entry = (blocks[branch + BRANCH.table] as number) + code;
      this.visits[entry] = (this.visits[entry] as number) - 1;
    }
  }

  #longerPath(need: number): Int32Array {
    const longer = new Int32Array(2 * need);
    longer.set(this.#path);
    return (this.#path = longer);
  }
}

/** Where a node's moves start. */
function movesOf(blocks: Int32Array, node: number): number {
  const branches = (blocks[node + NODE.counted] as number) + (blocks[node + NODE.plain] as number);
  return node + NODE.size + branches * BRANCH.size;
}
