import { Arena } from './states.ts';
import type { Discovery } from './parents.ts';
import { CANDIDATE } from './successors.ts';
import { Expander, type Link } from './expander.ts';
import type { Forest } from '../learn/forest.ts';
import { Canonizer, type Orbits } from '../symmetry/orbits.ts';
import { Packing, unpack } from '../compile/packing.ts';
import type { Parts } from '../learn/groups.ts';
import type { SymmetryCheck } from '../symmetry/check.ts';
import { Tables } from '../compile/tables.ts';
import type { View } from './shared.ts';
import { emptyVisited, roomFor, type Visited } from './visited.ts';
import type { Allocate } from '../compile/words.ts';

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
  /** Of how many properties members are not asked any more. */
  #closed = 0;
  /** Where the new candidates of one state are. */
  readonly #fresh: number[] = [];

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
    this.visited = this.#emptyVisited();
    const initial = new Int32Array(packing.words);
    this.arena.push(initial, 0);
    this.visited.add(initial, 0);
  }

  view(): View {
    const { arena, tables, visited } = this;
    const { lanes, words, bits } = arena.packing;
    const { blocks, children, root, spans } = tables;
    const { footprints } = tables.moves;
    return {
      chunks: arena.chunks,
      vias: arena.vias,
      words,
      lanes,
      bits,
      spans: spans.words,
      codes: spans.codes,
      footprints,
      blocks,
      children,
      root,
      visited,
      orbits: this.orbits?.tables,
    };
  }

  /** Whether an expander that was made for this view still sees all there is. */
  isCurrent({ blocks, children, codes, footprints, visited, orbits }: View): boolean {
    const { tables } = this;
    return (
      blocks === tables.blocks &&
      children === tables.children &&
      footprints === tables.moves.footprints &&
      visited === this.visited &&
      codes === tables.spans.codes &&
      orbits === this.orbits?.tables
    );
  }

  /** An expander over all there is now, that counts into the tables. Its buffer holds what one state can have. */
  expander(): Expander {
    const perState = this.forest.subjects.length * (CANDIDATE.row + this.arena.packing.words);
    return new Expander(
      this.view(),
      this.tables.visits,
      new Int32Array(Math.max(2 ** 14, perState)),
      this.#link,
    );
  }

  /** Runs the real code on a state of which something is not known yet. Rows may be longer afterwards. */
  learn(index: number, level: number): void {
    const codes = this.arena.unpack(index, this.#codes);
    this.#check?.state(codes);
    this.forest.path(codes, level);
    this.learned.push(index);
    this.orbits?.close();
    this.tables.refresh();
    if (!this.arena.packing.fits(this.parts.all)) this.#repack();
  }

  readonly #link: Link = (block, station, row) => {
    unpack(this.arena.packing.lanes, row.rows, row.base, this.#codes);
    return this.tables.link(block, station, row, this.#codes);
  };

  /** Asks no more whether members of these properties hold. */
  close(properties: ReadonlySet<number>): void {
    if (properties.size === this.#closed) return;
    this.#closed = properties.size;
    if (this.forest.close(properties)) this.tables.compile(this.arena.packing);
  }

  /** Takes back the counts of states that were expanded: those `from` up to `to` but the unknown ones. */
  uncount(from: number, to: number, unknown: readonly number[]): void {
    const skip = new Set(unknown);
    let expander = this.expander();
    for (let index = from; index < to; index++)
      while (!skip.has(index) && !expander.uncount(index)) expander = this.renewed(expander);
  }

  /** Another expander for one that could not go on because the tables were moved. */
  renewed(expander: Expander): Expander {
    if (this.isCurrent(expander.view)) throw new Error('a state is asked for that was not expanded');
    return this.expander();
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

  /**
   * Adds the candidates that are new: in the order of the states that they come from, and of each state in the order
   * in which its moves were learned, so that it does not matter how the tables that led to them are laid out.
   */
  commit(candidates: Int32Array, from: number, end: number, room: Room): Overflow | undefined {
    const size = CANDIDATE.row + this.arena.packing.words;
    const fresh = this.#fresh;
    const canonizer = this.#canonizer();
    for (let at = from; at < end;) {
      const parent = candidates[at];
      let count = 0;
      for (; at < end && candidates[at] === parent; at += size)
        if (!this.visited.has(candidates, at + CANDIDATE.row))
          count = inOrder(candidates, fresh, count, at);
      for (let each = 0; each < count; each++) {
        const one = fresh[each] as number;
        // another move of the same state may have led here a moment ago
        if (each > 0 && this.visited.has(candidates, one + CANDIDATE.row)) {
          this.tables.ledToNew(candidates[one + CANDIDATE.move] as number);
          continue;
        }
        const bound = this.#add(candidates, one, room, canonizer);
        if (bound !== undefined) return { parent: parent as number, bound };
      }
    }
    return undefined;
  }

  #add(
    candidates: Int32Array,
    at: number,
    room: Room,
    canonizer: Canonizer | undefined,
  ): Overflow['bound'] | undefined {
    const { arena } = this;
    const row = at + CANDIDATE.row;
    const move = candidates[at + CANDIDATE.move] as number;
    if (arena.length >= room.maxStates) return 'states';
    if (this.#room === 0 && !this.#grow(room)) return 'memory';
    this.#room--;
    this.#discovery.mark(candidates[at] as number, arena.length);
    this.visited.add(candidates, row);
    // the one who asks has no use for it in orbits, whose moves lead elsewhere, nor where the set is in the cache
    if (this.orbits !== undefined || this.visited.isBitmap) arena.push(candidates, row);
    else arena.push(candidates, row, move);
    this.represented += canonizer === undefined ? 1 : this.#orbitSize(canonizer, candidates, row);
    this.tables.found(move);
    return undefined;
  }

  /** What grows with the states: their rows, and the set of them. */
  get rowBytes(): number {
    return this.arena.rowBytes + 4 * this.visited.memory.length;
  }

  get bytes(): number {
    return this.rowBytes + this.arena.viaBytes + this.tables.bytes;
  }

  /** The exchanges that leave a row as it is divide all exchanges into those that make different states of it. */
  #orbitSize(canonizer: Canonizer, rows: Int32Array, at: number): number {
    return (this.orbits?.exchanges.length ?? 1) / canonizer.row(rows, at).ways;
  }

  #canonizer(): Canonizer | undefined {
    const { lanes, words } = this.arena.packing;
    return this.orbits && new Canonizer(this.orbits.tables, lanes, words);
  }

  /** A larger set, unless there is no memory for it beside the one that it replaces. */
  #grow({ maxBytes }: Room): boolean {
    const { bits, words } = this.arena.packing;
    const { length, room } = roomFor(2 * this.arena.length, bits, words);
    if (this.bytes + 4 * length > maxBytes) return false;
    this.visited = this.visited.movedTo(this.#allocate(length));
    this.#room = room - this.arena.length;
    return true;
  }

  /** A part has outgrown its bits: rows, tables and set are written anew. Rare: at most once for every bit of a row. */
  #repack(): void {
    const packing = new Packing(this.parts.all);
    this.arena.repack(packing);
    this.tables.compile(packing);
    this.visited = this.#emptyVisited();
    for (let index = 0; index < this.arena.length; index++)
      this.visited.add(this.arena.chunk(index), this.arena.offset(index));
  }

  #emptyVisited(): Visited {
    const { bits, words } = this.arena.packing;
    const states = Math.max(1, this.arena.length);
    this.#room = roomFor(2 * states, bits, words).room - states;
    return emptyVisited(2 * states, bits, words, this.#allocate);
  }
}

/** Inserts a candidate among `count` others, in the order of their moves. */
function inOrder(candidates: Int32Array, among: number[], count: number, at: number): number {
  const move = candidates[at + CANDIDATE.move] as number;
  let place = count;
  for (; place > 0; place--) {
    const before = among[place - 1] as number;
    if ((candidates[before + CANDIDATE.move] as number) <= move) break;
    among[place] = before;
  }
  among[place] = at;
  return count + 1;
}
