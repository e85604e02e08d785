import { Packing, unpack } from '../compile/packing.ts';
import { Tables } from '../compile/tables.ts';
import type { Allocate } from '../compile/words.ts';
import type { Forest } from '../learn/forest.ts';
import type { Groups } from '../learn/groups.ts';
import type { SymmetryCheck } from '../symmetry/check.ts';
import { Canonizer, type Orbits } from '../symmetry/orbits.ts';
import { Expander, type Link } from './expander.ts';
import type { Parents } from './parents.ts';
import type { Shared, View } from './shared.ts';
import { States } from './states.ts';
import { SUCCESSOR } from './successors.ts';
import { emptyVisited, roomFor, type Visited } from './visited.ts';

/** What a run may hold. */
export interface Room {
  readonly maxStates: number;
  readonly maxBytes: number;
}

/** Where committing stopped before it was through: at a successor of this state, for this reason. */
export interface Overflow {
  readonly parent: number;
  readonly bound: 'states' | 'memory';
}

/**
 * All that is known of the state space. Expanders read it; what they collect is committed here in the order of the
 * states that it comes from, by one thread, so that states are numbered the same however many expanders there are.
 */
export class Search {
  readonly groups: Groups;
  readonly forest: Forest;
  readonly orbits: Orbits | undefined;
  /** States that the ones found stand for: as many, where there are no orbits. */
  represented = 1;
  readonly states: States;
  readonly tables: Tables;
  visited: Visited;
  /** The states that the forest was learned from, in order. */
  readonly learned: number[] = [];
  readonly #allocate: Allocate;
  readonly #parents: Parents;
  readonly #codes: Int32Array;
  readonly #check: SymmetryCheck | undefined;
  #room = 0;
  /** The number of properties whose members are not asked any more. */
  #closed = 0;
  /** Offsets of the new successors of one state. */
  readonly #fresh: number[] = [];

  constructor(groups: Groups, forest: Forest, parents: Parents, make: Allocate, symmetry?: SymmetryCheck) {
    this.groups = groups;
    this.orbits = symmetry?.orbits;
    this.#check = symmetry;
    this.forest = forest;
    this.#allocate = make;
    this.#parents = parents;
    this.#codes = new Int32Array(groups.all.length);
    forest.plant(this.#codes);
    this.orbits?.close();
    const packing = new Packing(groups.all);
    this.states = new States(packing, make);
    this.tables = new Tables(forest, packing, make);
    this.visited = this.#emptyVisited();
    const initial = new Int32Array(packing.words);
    this.states.push(initial, 0);
    this.visited.add(initial, 0);
  }

  get shared(): Shared {
    const { words, bits, lanes } = this.states.packing;
    const { spans, moves, bundles, children, root } = this.tables;
    return {
      words,
      bits,
      lanes,
      spans: spans.words,
      numbers: spans.numbers,
      footprints: moves.footprints,
      bundles,
      children,
      root,
      orbits: this.orbits?.tables,
    };
  }

  view(): View {
    const { chunks, foundBy } = this.states;
    return { ...this.shared, chunks, foundBy, visited: this.visited };
  }

  /** Whether an expander that was made for this view still sees all there is. */
  isCurrent(view: View): boolean {
    const { shared } = this;
    const keys = Object.keys(shared) as (keyof Shared)[];
    return view.visited === this.visited && keys.every(key => view[key] === shared[key]);
  }

  /** An expander over all there is now, that counts into the tables. Its buffer holds what one state can have. */
  expander(): Expander {
    const perState = this.forest.subjects.length * (SUCCESSOR.row + this.states.packing.words);
    return new Expander(
      this.view(),
      this.tables.visits,
      new Int32Array(Math.max(2 ** 14, perState)),
      this.#link,
    );
  }

  /** Runs the real code on a state of which something is not known yet. Afterwards rows may be longer. */
  learn(index: number, level: number): void {
    const codes = this.states.unpack(index, this.#codes);
    this.#check?.state(codes);
    this.forest.path(codes, level);
    this.learned.push(index);
    this.orbits?.close();
    this.tables.refresh();
    if (!this.states.packing.fits(this.groups.all)) this.#repack();
  }

  readonly #link: Link = (bundle, question, row) => {
    unpack(this.states.packing.lanes, row.rows, row.base, this.#codes);
    return this.tables.link(bundle, question, row, this.#codes);
  };

  /** Asks no more whether members of these properties hold. */
  close(properties: ReadonlySet<number>): void {
    if (properties.size === this.#closed) return;
    this.#closed = properties.size;
    if (this.forest.close(properties)) this.tables.compile(this.states.packing);
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
   * Takes over the rows of an earlier run whose codes the groups have again.
   *
   * @param learn grows the forest on one of the states that it was learned from
   */
  restore(rows: Iterable<Int32Array>, learned: readonly number[], learn: (index: number) => void): void {
    const { words } = this.states.packing;
    let skip = words; // the initial state is there already
    for (const chunk of rows) {
      for (let at = skip; at < chunk.length; at += words) this.states.push(chunk, at);
      skip = 0;
    }
    for (const index of learned) learn(index);
    this.#repack();
  }

  /** Where the successors of the states before `state` end. */
  successorsBefore(successors: Int32Array, from: number, end: number, state: number): number {
    let at = from;
    while (at < end && (successors[at + SUCCESSOR.parent] as number) < state)
      at += SUCCESSOR.row + this.states.packing.words;
    return at;
  }

  /**
   * Adds the successors that are new: in the order of the states that they come from, and of each state in the order
   * in which its moves were learned, so that it does not matter how the tables that led to them are laid out.
   */
  commit(successors: Int32Array, from: number, end: number, room: Room): Overflow | undefined {
    const size = SUCCESSOR.row + this.states.packing.words;
    const fresh = this.#fresh;
    const canonizer = this.#canonizer();
    for (let at = from; at < end;) {
      const parent = successors[at];
      let count = 0;
      for (; at < end && successors[at] === parent; at += size)
        if (!this.visited.has(successors, at + SUCCESSOR.row))
          count = inOrder(successors, fresh, count, at);
      for (let each = 0; each < count; each++) {
        const one = fresh[each] as number;
        // another move of the same state may have led here a moment ago
        if (each > 0 && this.visited.has(successors, one + SUCCESSOR.row)) {
          this.tables.markProductive(successors[one + SUCCESSOR.move] as number);
          continue;
        }
        const bound = this.#add(successors, one, room, canonizer);
        if (bound !== undefined) return { parent: parent as number, bound };
      }
    }
    return undefined;
  }

  #add(
    successors: Int32Array,
    at: number,
    room: Room,
    canonizer: Canonizer | undefined,
  ): Overflow['bound'] | undefined {
    const { states } = this;
    const row = at + SUCCESSOR.row;
    const move = successors[at + SUCCESSOR.move] as number;
    if (states.length >= room.maxStates) return 'states';
    if (this.#room === 0 && !this.#grow(room)) return 'memory';
    this.#room--;
    this.#parents.mark(successors[at] as number, states.length);
    this.visited.add(successors, row);
    // `unforeseen` alone uses it: not for orbits, whose rows are not what the move made, nor for a bitmap
    if (this.orbits !== undefined || this.visited.isBitmap) states.push(successors, row);
    else states.push(successors, row, move);
    this.represented += canonizer === undefined ? 1 : this.#orbitSize(canonizer, successors, row);
    this.tables.countNew(move);
    return undefined;
  }

  /** What grows with the states: their rows, and the set of them. */
  get rowBytes(): number {
    return this.states.rowBytes + 4 * this.visited.memory.length;
  }

  get bytes(): number {
    return this.rowBytes + this.states.foundByBytes + this.tables.bytes;
  }

  /** The exchanges that leave a row as it is divide all exchanges into those that make different states of it. */
  #orbitSize(canonizer: Canonizer, rows: Int32Array, at: number): number {
    return (this.orbits?.exchanges.length ?? 1) / canonizer.row(rows, at).ways;
  }

  #canonizer(): Canonizer | undefined {
    const { lanes, words } = this.states.packing;
    return this.orbits && new Canonizer(this.orbits.tables, lanes, words);
  }

  /** A larger set, unless there is no memory for it beside the one that it replaces. */
  #grow({ maxBytes }: Room): boolean {
    const { bits, words } = this.states.packing;
    const { length, room } = roomFor(2 * this.states.length, bits, words);
    if (this.bytes + 4 * length > maxBytes) return false;
    this.visited = this.visited.movedTo(this.#allocate(length));
    this.#room = room - this.states.length;
    return true;
  }

  /** A group has outgrown its bits: rows, tables and set are written anew. Rare: at most once for every bit of a row. */
  #repack(): void {
    const packing = new Packing(this.groups.all);
    this.states.repack(packing);
    this.tables.compile(packing);
    this.visited = this.#emptyVisited();
    for (let index = 0; index < this.states.length; index++)
      this.visited.add(this.states.chunk(index), this.states.offset(index));
  }

  #emptyVisited(): Visited {
    const { bits, words } = this.states.packing;
    const states = Math.max(1, this.states.length);
    this.#room = roomFor(2 * states, bits, words).room - states;
    return emptyVisited(2 * states, bits, words, this.#allocate);
  }
}

/** Inserts a successor among `count` others, in the order of their moves. */
function inOrder(successors: Int32Array, among: number[], count: number, at: number): number {
  const move = successors[at + SUCCESSOR.move] as number;
  let place = count;
  for (; place > 0; place--) {
    const before = among[place - 1] as number;
    if ((successors[before + SUCCESSOR.move] as number) <= move) break;
    among[place] = before;
  }
  among[place] = at;
  return count + 1;
}
