import { Arena } from './arena.ts';
import type { Discovery } from './discovery.ts';
import { CANDIDATE, Expander, type View } from './expander.ts';
import type { Forest } from './forest.ts';
import { Canonizer, type Orbits } from './orbits.ts';
import { Packing } from './packing.ts';
import type { Parts } from './parts.ts';
import type { SymmetryCheck } from './symmetry-check.ts';
import { Tables } from './tables.ts';
import { emptyVisited, roomFor, type Visited } from './visited.ts';
import type { Allocate } from './words.ts';

/** What a run may hold. */
export interface Room {
  readonly maxStates: number;
  readonly maxBytes: number;
}

/** Where committing stopped before it was through: at a candidate of this state, for this reason. */
export interface Overflow {
  readonly parent: number;
  readonly bound: 'states' | 'memory';
}

/**
 * All that is known of the state space. Expanders read it; what they collect is committed here in the order of the
 * states that it comes from, by one thread, so that states are numbered the same however many expanders there are.
 */
export class Search {
  readonly parts: Parts;
  readonly forest: Forest;
  readonly orbits: Orbits | undefined;
  /** States that the ones found stand for: as many, where there are no orbits. */
  represented = 1;
  readonly arena: Arena;
  readonly tables: Tables;
  visited: Visited;
  /** The states that the forest was learned from, in order. */
  readonly learned: number[] = [];
  readonly #allocate: Allocate;
  readonly #discovery: Discovery;
  readonly #codes: Int32Array;
  readonly #check: SymmetryCheck | undefined;
  #room = 0;

  constructor(
    parts: Parts,
    forest: Forest,
    discovery: Discovery,
    make: Allocate,
    symmetry?: SymmetryCheck,
  ) {
    this.parts = parts;
    this.orbits = symmetry?.orbits;
    this.#check = symmetry;
    this.forest = forest;
    this.#allocate = make;
    this.#discovery = discovery;
    this.#codes = new Int32Array(parts.all.length);
    forest.plant(this.#codes);
    this.orbits?.close();
    const packing = new Packing(parts.all);
    this.arena = new Arena(packing, make);
    this.tables = new Tables(forest, packing, make);
    this.visited = this.#rehash(1);
    const initial = new Int32Array(packing.words);
    this.arena.push(initial, 0);
    this.visited.add(initial, 0);
  }

  view(): View {
    const { arena, tables, visited } = this;
    const { lanes, words, bits } = arena.packing;
    const { blocks, children, root } = tables;
    return {
      chunks: arena.chunks,
      words,
      lanes,
      bits,
      blocks,
      children,
      root,
      visited,
      orbits: this.orbits?.tables,
    };
  }

  /** Whether an expander that was made for this view still sees all there is. */
  isCurrent({ blocks, children, visited, lanes, orbits }: View): boolean {
    const { tables, arena } = this;
    return (
      blocks === tables.blocks &&
      children === tables.children &&
      visited === this.visited &&
      lanes === arena.packing.lanes &&
      orbits === this.orbits?.tables
    );
  }

  /** An expander over all there is now, that counts into the tables. Its buffer holds what one state can have. */
  expander(): Expander {
    const perState = this.forest.subjects.length * (CANDIDATE.row + this.arena.packing.words);
    return new Expander(this.view(), this.tables.visits, new Int32Array(Math.max(2 ** 14, perState)));
  }

  /** Runs the real code on a state of which something is not known yet. Rows may be longer afterwards. */
  learn(index: number, level: number): void {
    this.arena.unpack(index, this.#codes);
    const before = this.forest.nodes.length;
    const path = this.forest.path(this.#codes, level);
    if (this.forest.nodes.length > before) this.learned.push(index);
    this.orbits?.close();
    this.#check?.state(this.#codes);
    if (this.arena.packing.fits(this.parts.all)) this.tables.learn(path, this.#codes);
    else this.#repack();
  }

  /**
   * Takes over the rows of an earlier run whose codes the parts have again.
   *
   * @param learn grows the forest on one of the states that it was learned from
   */
  restore(rows: Iterable<Int32Array>, learned: readonly number[], learn: (index: number) => void): void {
    const { words } = this.arena.packing;
    let skip = words; // the initial state is there already
    for (const chunk of rows) {
      for (let at = skip; at < chunk.length; at += words) this.arena.push(chunk, at);
      skip = 0;
    }
    for (const index of learned) learn(index);
    this.#repack();
  }

  /** Where the candidates of the states before `state` end. */
  candidatesBefore(candidates: Int32Array, from: number, end: number, state: number): number {
    let at = from;
    while (at < end && (candidates[at + CANDIDATE.parent] as number) < state)
      at += CANDIDATE.row + this.arena.packing.words;
    return at;
  }

  /** Adds the candidates that are new, in order. */
  commit(candidates: Int32Array, from: number, end: number, room: Room): Overflow | undefined {
    const { words, lanes } = this.arena.packing;
    const { arena, orbits } = this;
    const canonizer = orbits && new Canonizer(orbits.tables, lanes, words);
    for (let at = from; at < end; at += CANDIDATE.row + words) {
      if (this.visited.has(candidates, at + CANDIDATE.row)) continue;
      const parent = candidates[at + CANDIDATE.parent] as number;
      if (arena.length >= room.maxStates) return { parent, bound: 'states' };
      if (this.#room === 0 && !this.#grow(room)) return { parent, bound: 'memory' };
      this.#room--;
      this.#discovery.mark(parent, arena.length);
      this.visited.add(candidates, at + CANDIDATE.row);
      arena.push(candidates, at + CANDIDATE.row);
      this.represented += canonizer === undefined ? 1 : this.#orbitSize(canonizer, candidates, at);
      const move = candidates[at + CANDIDATE.move] as number;
      this.tables.fresh[move] = (this.tables.fresh[move] as number) + 1;
    }
    return undefined;
  }

  get bytes(): number {
    return this.arena.bytes + 4 * this.visited.memory.length + this.tables.bytes;
  }

  /** The exchanges that leave a row as it is divide all exchanges into those that make different states of it. */
  #orbitSize(canonizer: Canonizer, candidates: Int32Array, at: number): number {
    return (this.orbits?.exchanges.length ?? 1) / canonizer.row(candidates, at + CANDIDATE.row).ways;
  }

  /** A larger set, unless there is no memory for it beside the one that it replaces. */
  #grow({ maxBytes }: Room): boolean {
    const { bits, words } = this.arena.packing;
    if (this.bytes + 4 * roomFor(2 * this.arena.length, bits, words).length > maxBytes) return false;
    this.visited = this.#rehash(this.arena.length);
    return true;
  }

  /** A part has outgrown its bits: rows, tables and set are written anew. Rare: at most once for every bit of a row. */
  #repack(): void {
    const packing = new Packing(this.parts.all);
    this.arena.repack(packing);
    this.tables.compile(packing);
    this.visited = this.#rehash(this.arena.length);
  }

  #rehash(states: number): Visited {
    const { bits, words } = this.arena.packing;
    const visited = emptyVisited(2 * states, bits, words, this.#allocate);
    for (let index = 0; index < this.arena.length; index++)
      visited.add(this.arena.chunk(index), this.arena.offset(index));
    this.#room = roomFor(2 * states, bits, words).room - states;
    return visited;
  }
}
