import { Blocks, type Station } from './bundles.ts';
import type { Forest, Node } from '../learn/forest.ts';
import { PLAIN, type Row, STATION } from './offsets.ts';
import { Moves } from './moves.ts';
import type { Packing } from './packing.ts';
import { Spans } from './spans.ts';
import { type Allocate, copyOf, withRoom } from './words.ts';

/**
 * The forest compiled for one packing: nothing but 32-bit words (`layout.ts`), so that expanding a state touches no
 * object, and so that other threads can do it.
 *
 * The forest looks at one part at a time, so that little real code must be run; here a look sees a whole span, so that
 * few looks are needed. A look at a span leads to all the nodes at once that a state comes by, as far as they look at
 * this span only: a block. What a block asks next are its stations, one for each of its nodes and each other span:
 * first those that actions or recoverable properties wait behind, then the plain ones, behind which are only sentences
 * that were found to hold: nothing is counted there.
 *
 * `children` holds the stations' tables, indexed by the number of what the span holds: 0 where nothing is known yet.
 * Entries are filled in when a state first comes by, and written last, so that a child that is seen is whole.
 */
export class Tables {
  children: Int32Array;
  /** How often each entry of `children` was used by states that were expanded. */
  visits: Int32Array;
  spans: Spans;
  /** The block that everything starts from, as an entry of `children`. */
  root: number;
  readonly moves: Moves;
  readonly #forest: Forest;
  readonly #allocate: Allocate;
  #packing: Packing;
  #blocks: Blocks;
  /** Those that have a table. */
  #stations: Station[] = [];
  #childEnd = 0;

  constructor(forest: Forest, packing: Packing, allocate: Allocate) {
    this.#forest = forest;
    this.#packing = packing;
    this.#allocate = allocate;
    this.moves = new Moves(forest, allocate);
    this.children = allocate(1024);
    this.visits = new Int32Array(1024);
    this.spans = new Spans(packing, allocate);
    this.#blocks = this.#noBlocks(1024);
    this.root = this.#blocks.entryFor([forest.nodes[0] as Node], undefined);
  }

  get blocks(): Int32Array {
    return this.#blocks.words;
  }

  /** Starts anew: after a part has outgrown its bits. What is known is linked again when states come by. */
  compile(packing: Packing): void {
    this.settle();
    this.#packing = packing;
    this.spans = new Spans(packing, this.#allocate);
    this.children = this.#allocate(this.children.length);
    this.#stations = [];
    this.#childEnd = 0;
    this.#blocks = this.#noBlocks(this.blocks.length);
    this.root = this.#blocks.entryFor([this.#forest.nodes[0] as Node], undefined);
  }

  /**
   * Links the entry that a walk came to: of the station at `blocks[at]` in a block, where the span holds what this row
   * has. 0 where the forest does not know it yet, and where the tables were moved to make room: those who read them
   * read them anew then.
   */
  link(block: number, at: number, { rows, base }: Row, codes: Int32Array): number {
    const { blocks, children } = this;
    const station = this.#blocks.stationAt(block, at);
    const code = this.spans.seen(station.span, rows, base);
    if (code === undefined) this.#widen(station.span);
    const nodes = code === undefined ? undefined : this.#reached(station, codes);
    if (code === undefined || nodes === undefined) return 0;
    const child = this.#blocks.entryFor(nodes, station.span);
    // whoever reads the blocks where they were must not come by an entry that leads to where they are now
    if (blocks !== this.blocks && children === this.children)
      this.children = copyOf(children, this.#allocate);
    Atomics.store(this.children, station.table + code, child);
    return blocks === this.blocks && children === this.children ? child : 0;
  }

  /** To be called when something was learned: there may be more looks behind the stations. */
  refresh(): void {
    for (const branch of this.#forest.widened) {
      const station = this.#blocks.stationOf(branch);
      if (station === undefined) continue;
      station.looks = looksOf(station);
      if (station.isPlain) for (const use of station.uses) this.blocks[use + PLAIN.looks] = station.looks;
    }
    this.#forest.widened = [];
    this.moves.refresh();
  }

  /** Counts a new state that a move has found. */
  found(ordinal: number): void {
    const { fresh } = this.moves;
    fresh[ordinal] = (fresh[ordinal] as number) + 1;
    this.ledToNew(ordinal);
  }

  /** Notes that a move led to a new state, which another one may have been credited with. */
  ledToNew(ordinal: number): void {
    if (this.moves.find(ordinal)) this.#blocks.found(ordinal);
  }

  /** Takes the counts of an earlier run from the moves. */
  restore(): void {
    this.moves.restore();
    this.compile(this.#packing);
  }

  /** Adds what another thread counted. */
  count(visits: Int32Array): void {
    const { length } = visits;
    for (let at = 0; at < length; at++)
      this.visits[at] = (this.visits[at] as number) + (visits[at] as number);
  }

  /** Moves the counts into the nodes and moves they belong to. */
  settle(): void {
    for (let at = 0; at < this.#childEnd; at++) {
      const count = this.visits[at] as number;
      if (count === 0) continue;
      for (const node of this.#blocks.member(this.children[at] as number).nodes) node.visits += count;
      this.visits[at] = 0;
    }
    this.moves.settle();
  }

  get bytes(): number {
    return 4 * (this.blocks.length + 2 * this.children.length + this.spans.codes.length) + this.moves.bytes;
  }

  #noBlocks(words: number): Blocks {
    return new Blocks(this.moves, this.#packing, words, this.#allocate, station =>
      this.#giveTable(station),
    );
  }

  #giveTable(station: Station): void {
    station.looks = looksOf(station);
    station.table = this.#childEnd;
    this.#stations.push(station);
    this.#childEnd += this.spans.rooms[station.span] as number;
    this.children = withRoom(this.children, this.#childEnd, this.#allocate);
    this.visits = withRoom(this.visits, this.children.length, length => new Int32Array(length));
  }

  /** The nodes that a state with these codes comes by from a station on, as far as they look at its span. */
  #reached({ span, branches }: Station, codes: Int32Array): readonly Node[] | undefined {
    const found: Node[] = [];
    const asked = [...branches];
    for (const { look, children } of asked) {
      const child = children.get(look.sees(codes[look.part.index] as number));
      if (child === undefined) return undefined;
      found.push(child);
      for (const station of this.#blocks.stationsOf(child))
        if (station.span === span) asked.push(...station.branches);
    }
    return found;
  }

  /** Room for more numbers of a span: every table of children moves. */
  #widen(widened: number): void {
    this.settle();
    const roomBefore = this.spans.rooms[widened] as number;
    this.spans.widen(widened);
    const { rooms } = this.spans;
    const old = this.children;
    const need = this.#stations.reduce((sum, { span }) => sum + (rooms[span] as number), 0);
    this.children = this.#allocate(2 ** Math.ceil(Math.log2(Math.max(need, 1024))));
    this.visits = new Int32Array(this.children.length);
    const blocks = this.#blocks.copied();
    this.#childEnd = 0;
    for (const station of this.#stations) {
      const { span, table, uses } = station;
      const room = rooms[span] as number;
      const used = span === widened ? roomBefore : room;
      this.children.set(old.subarray(table, table + used), this.#childEnd);
      station.table = this.#childEnd;
      for (const use of uses) blocks[use + STATION.table] = this.#childEnd;
      this.#childEnd += room;
    }
  }
}

const looksOf = ({ node, branches }: Station): number =>
  branches.reduce((bits, { reach }) => bits | reach, node.seen);
