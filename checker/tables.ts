import type { Branch, Forest, Move, Node } from './forest.ts';
import type { Packing } from './packing.ts';
import type { Part } from './parts.ts';
import { Spans } from './spans.ts';
import { type Allocate, withRoom } from './words.ts';

/**
 * Offsets within a block. The stations follow, and then the moves. `reads` and `writes` are those of all its moves
 * together, `latest` is the largest ordinal of those that have found a new state, or -1.
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
/** Offsets within `footprints`, by the move's ordinal: as in a move, and the bits of the looks that see a difference. */
export const FOOTPRINT = { reads: 0, writes: 1, changes: 2, size: 4 } as const;

/** Low bits of a child: whether its block has stations, and whether it has moves or something off the goal. */
export const CHILD = { asks: 1, acts: 2, shift: 2 } as const;

/** All that is asked at a node about the parts of one span. */
interface Station {
  readonly node: Node;
  readonly span: number;
  readonly branches: Branch[];
  /** Whether only plain branches are asked. */
  isPlain: boolean;
  /** Where its table starts in `children`. */
  table: number;
  /** The bits of all looks on the way to it and behind it, where only plain branches are asked. */
  looks: number;
  /** Where it is in the blocks. */
  readonly uses: number[];
}

/** Where a state's row is. */
export interface Row {
  rows: Int32Array;
  base: number;
}

/** What a node puts into the blocks that it is in. */
interface Piece {
  readonly stations: readonly Station[];
  /** As in a block. */
  readonly moves: readonly number[];
  /** The blocks that it is in. */
  readonly blocks: number[];
}

/**
 * The forest compiled for one packing: nothing but 32-bit words, so that expanding a state touches no object, and so
 * that other threads can do it.
 *
 * The forest looks at one part at a time, so that little real code must be run; here a look sees a whole span, so that
 * few looks are needed. A look at a span leads to all the nodes at once that a state with these codes comes by, as far
 * as they look at this span only. Such nodes together are a block. A block's stations are first those that actions
 * or recoverable properties wait behind, then the plain ones, behind which are only sentences that were found to hold:
 * nothing is counted there.
 *
 * `children` holds the stations' tables, indexed by the span's code: 0 where nothing is known yet, or the offset of the
 * child's block with the bits of `CHILD`. Entries are filled in when a state first comes by, and written last, so that a
 * child that is seen is whole.
 */
export class Tables {
  blocks: Int32Array;
  children: Int32Array;
  /** How often each entry of `children` was used by states that were expanded. */
  visits: Int32Array;
  /** New states, by the ordinal of the move that led to them. */
  fresh: Int32Array;
  /** What moves look at and what they write, by ordinal. */
  footprints: Int32Array;
  spans: Spans;
  /** The block that everything starts from, as an entry of `children`. */
  root = 0;
  readonly #forest: Forest;
  readonly #allocate: Allocate;
  #packing: Packing;
  /** By part. */
  #spanOf: readonly number[] = [];
  /** By serial: the nodes of a block, and its stations in their order. */
  #members: { readonly nodes: readonly Node[]; readonly stations: readonly Station[] }[] = [];
  /** Blocks as entries of `children`, by their nodes. */
  #known = new Map<string, number>();
  /** By the node's index. */
  #pieces: (Piece | undefined)[] = [];
  #stations: Station[] = [];
  /** The ordinal of each node's first move. */
  readonly #firstMove: number[] = [0];
  /** By a move's ordinal, the index of its node. */
  readonly #nodeOf: number[] = [];
  #blockEnd = 1;
  #childEnd = 0;
  #lookCount = 0;

  constructor(forest: Forest, packing: Packing, allocate: Allocate) {
    this.#forest = forest;
    this.#packing = packing;
    this.#allocate = allocate;
    this.blocks = allocate(1024);
    this.children = allocate(1024);
    this.visits = new Int32Array(1024);
    this.fresh = allocate(256);
    this.footprints = allocate(256 * FOOTPRINT.size);
    this.spans = new Spans(packing, allocate);
    this.compile(packing);
  }

  /** Starts anew: after a part has outgrown its bits. What is known is linked again when states come by. */
  compile(packing: Packing): void {
    this.settle();
    this.#packing = packing;
    this.spans = new Spans(packing, this.#allocate);
    const spanOf: number[] = [];
    packing.spans.forEach(({ parts }, span) => parts.forEach(({ index }) => (spanOf[index] = span)));
    this.#spanOf = spanOf;
    this.children = this.#allocate(this.children.length);
    this.blocks = this.#allocate(this.blocks.length);
    this.#members = [];
    this.#known = new Map();
    this.#pieces = [];
    this.#stations = [];
    this.#blockEnd = 1;
    this.#childEnd = 0;
    this.root = this.#block([this.#forest.nodes[0] as Node], undefined);
  }

  /**
   * Links all that a state comes by: its row at `rows[at…]`, and its codes. False where the forest does not know it yet.
   *
   * @param changes the bits of the looks that need be asked again, as far as nothing is counted there
   */
  link(rows: Int32Array, at: number, codes: Int32Array, changes: number): boolean {
    const seen = this.#packing.spans.map((_, span) => this.#seen(span, rows, at));
    const path = [this.root];
    for (const child of path)
      for (const station of this.#memberOf(child).stations) {
        if (station.isPlain && (station.looks & changes) === 0) continue;
        const code = seen[station.span] as number;
        const child = (this.children[station.table + code] as number) || this.#linkTo(station, code, codes);
        if (child === 0) return false;
        if ((child & CHILD.asks) !== 0) path.push(child);
      }
    return true;
  }

  /** To be called when something was learned: which looks there are behind the stations, and which looks moves concern. */
  refresh(): void {
    for (const station of this.#stations) {
      const looks = looksOf(station);
      if (!station.isPlain || looks === station.looks) continue;
      station.looks = looks;
      for (const use of station.uses) this.blocks[use + PLAIN.looks] = looks;
    }
    if (this.#lookCount === this.#forest.lookCount) return;
    this.#lookCount = this.#forest.lookCount;
    this.#eachMove((move, ordinal) => {
      this.footprints[ordinal * FOOTPRINT.size + FOOTPRINT.changes] = this.#forest.differences(move);
    });
  }

  /**
   * Links one entry that a walk came to: of the station at `blocks[at]` in a block. 0 where that is not all that is
   * missing, or where the tables had to grow for it.
   */
  linkAt(block: number, at: number, row: Row, codes: Int32Array): number {
    const { blocks, children } = this;
    const within = at - block - BLOCK.size;
    const plain = within - STATION.size * (blocks[block + BLOCK.counted] as number);
    const place = plain < 0 ? within / STATION.size : (within - plain) / STATION.size + plain / PLAIN.size;
    const station = this.#memberOf(block << CHILD.shift).stations[place] as Station;
    const code = this.spans.seen(station.span, row.rows, row.base);
    const child = code === undefined ? 0 : this.#linkTo(station, code, codes);
    return blocks === this.blocks && children === this.children ? child : 0;
  }

  #linkTo(station: Station, code: number, codes: Int32Array): number {
    const nodes = this.#resolve(station, codes);
    if (nodes === undefined) return 0;
    const child = this.#block(nodes, station.span);
    Atomics.store(this.children, station.table + code, child);
    return child;
  }

  /** The bits of the looks that see a difference where a state was found by this move: all, where it is not known. */
  changesBy(via: number): number {
    return via < 0 ? -1 : (this.footprints[via * FOOTPRINT.size + FOOTPRINT.changes] as number);
  }

  /** To be called when a move has found a new state. */
  found(ordinal: number): void {
    this.fresh[ordinal] = (this.fresh[ordinal] as number) + 1;
    if (this.fresh[ordinal] !== 1) return;
    const { blocks } = this;
    for (const block of this.#pieces[this.#nodeOf[ordinal] as number]?.blocks ?? []) {
      const latest = block + BLOCK.latest;
      blocks[latest] = Math.max(blocks[latest] as number, ordinal);
    }
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
      for (const node of this.#memberOf(this.children[at] as number).nodes) node.visits += count;
      this.visits[at] = 0;
    }
    this.#eachMove((move, ordinal) => (move.fresh = this.fresh[ordinal] as number));
  }

  /** Takes the counts of new states from the moves. */
  restore(): void {
    this.#ordinalOf(this.#forest.nodes.length - 1);
    this.#eachMove((move, ordinal) => (this.fresh[ordinal] = move.fresh));
  }

  #eachMove(visit: (move: Move, ordinal: number) => void): void {
    let ordinal = 0;
    for (const { moves } of this.#forest.nodes.slice(0, this.#firstMove.length - 1))
      for (const move of moves) visit(move, ordinal++);
  }

  get bytes(): number {
    return (
      4 * (this.blocks.length + 2 * this.children.length + 5 * this.fresh.length + this.spans.codes.length)
    );
  }

  #memberOf(child: number): { readonly nodes: readonly Node[]; readonly stations: readonly Station[] } {
    const members = this.#members[this.blocks[(child >> CHILD.shift) + BLOCK.serial] as number];
    if (members === undefined) throw new Error(`there is no block for ${child}`);
    return members;
  }

  /** The number of what a span of a row holds. */
  #seen(span: number, rows: Int32Array, at: number): number {
    const known = this.spans.seen(span, rows, at);
    if (known !== undefined) return known;
    this.#widen(span);
    return this.#seen(span, rows, at);
  }

  /** Room for more codes of a span: every table of children moves. */
  #widen(widened: number): void {
    this.settle();
    const roomBefore = this.spans.rooms[widened] as number;
    this.spans.widen(widened);
    const old = this.children;
    const blocks = this.#allocate(this.blocks.length);
    blocks.set(this.blocks);
    this.blocks = blocks;
    const { rooms } = this.spans;
    const need = this.#stations.reduce((sum, { span }) => sum + (rooms[span] as number), 0);
    this.children = this.#allocate(2 ** Math.ceil(Math.log2(Math.max(need, 1024))));
    this.visits = new Int32Array(this.children.length);
    this.#childEnd = 0;
    for (const station of this.#stations) {
      const { span, table, uses } = station;
      const room = rooms[span] as number;
      this.children.set(
        old.subarray(table, table + (span === widened ? roomBefore : room)),
        this.#childEnd,
      );
      station.table = this.#childEnd;
      for (const use of uses) blocks[use + STATION.table] = this.#childEnd;
      this.#childEnd += room;
    }
  }

  /** The nodes that a state with these codes comes by from a station on, as far as they look at its span. */
  #resolve({ span, branches }: Station, codes: Int32Array): readonly Node[] | undefined {
    const found: Node[] = [];
    const asked = [...branches];
    for (const { look, children } of asked) {
      const child = children.get(look.sees(codes[look.part.index] as number));
      if (child === undefined) return undefined;
      found.push(child);
      for (const station of this.#piece(child).stations)
        if (station.span === span) asked.push(...station.branches);
    }
    return found;
  }

  /**
   * The block of these nodes, which a look at the span `answered` led to, as an entry of `children`.
   */
  #block(nodes: readonly Node[], answered: number | undefined): number {
    const key = nodes.map(({ index }) => index).join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const counted: Station[] = [];
    const plain: Station[] = [];
    const moves: number[] = [];
    let offGoal = 0;
    for (const node of nodes) {
      const piece = this.#piece(node);
      piece.blocks.push(this.#blockEnd);
      for (const station of piece.stations)
        if (station.span !== answered) (station.isPlain ? plain : counted).push(station);
      moves.push(...piece.moves);
      offGoal |= node.offGoal;
    }
    const stations = [...counted, ...plain];
    const asks = stations.length > 0 ? CHILD.asks : 0;
    const acts = moves.length > 0 || offGoal !== 0 ? CHILD.acts : 0;
    const child = (this.#blockEnd << CHILD.shift) | acts | asks;
    const moveSize = MOVE.delta + this.#packing.words;
    let [reads, writes, latest] = [0, 0, -1];
    for (let at = 0; at < moves.length; at += moveSize) {
      const ordinal = moves[at] as number;
      reads |= moves[at + MOVE.reads] as number;
      writes |= moves[at + MOVE.writes] as number;
      if ((this.fresh[ordinal] as number) > 0) latest = Math.max(latest, ordinal);
    }
    const { length } = moves;
    this.#write([
      this.#members.length,
      offGoal,
      counted.length,
      plain.length,
      length / moveSize,
      reads,
      writes,
      latest,
    ]);
    for (const station of stations) {
      if (station.table < 0) this.#allocateTable(station);
      station.uses.push(this.#blockEnd);
      this.#write([station.span, station.table, ...(station.isPlain ? [station.looks] : [])]);
    }
    this.#write(moves);
    this.#members.push({ nodes, stations });
    this.#known.set(key, child);
    return child;
  }

  #write(words: readonly number[]): void {
    this.blocks = withRoom(this.blocks, this.#blockEnd + words.length, this.#allocate);
    this.blocks.set(words, this.#blockEnd);
    this.#blockEnd += words.length;
  }

  #allocateTable(station: Station): void {
    station.looks = looksOf(station);
    station.table = this.#childEnd;
    this.#stations.push(station);
    this.#childEnd += this.spans.rooms[station.span] as number;
    this.children = withRoom(this.children, this.#childEnd, this.#allocate);
    this.visits = withRoom(this.visits, this.children.length, length => new Int32Array(length));
  }

  #piece(node: Node): Piece {
    return (this.#pieces[node.index] ??= {
      stations: this.#stationsOf(node),
      moves: this.#movesOf(node),
      blocks: [],
    });
  }

  #stationsOf(node: Node): readonly Station[] {
    const stations: Station[] = [];
    for (const branch of node.branches) {
      if (!branch.isOpen) continue;
      const span = this.#spanOf[branch.look.part.index] as number;
      let station = stations.find(one => one.span === span);
      if (station === undefined) {
        station = { node, span, branches: [], isPlain: true, table: -1, looks: 0, uses: [] };
        stations.push(station);
      }
      station.branches.push(branch);
      station.isPlain &&= branch.isPlain;
    }
    return stations;
  }

  #movesOf({ index, moves }: Node): readonly number[] {
    const first = this.#ordinalOf(index);
    return moves.flatMap(({ writes }, at) => {
      const ordinal = first + at;
      const delta = new Array<number>(this.#packing.words).fill(0);
      for (const { part, from, to } of writes) this.#packing.place(part.index, from ^ to, delta, 0);
      const footprint = ordinal * FOOTPRINT.size;
      return [ordinal, ...this.footprints.subarray(footprint, footprint + FOOTPRINT.changes), ...delta];
    });
  }

  /** The ordinal of a node's first move. */
  #ordinalOf(index: number): number {
    while (this.#firstMove.length <= index + 1) {
      const node = this.#forest.nodes[this.#firstMove.length - 1] as Node;
      const first = this.#firstMove.at(-1) as number;
      const end = first + node.moves.length;
      this.fresh = withRoom(this.fresh, end, this.#allocate);
      this.footprints = withRoom(this.footprints, end * FOOTPRINT.size, this.#allocate);
      const reads = readsOf(node);
      node.moves.forEach((move, at) => {
        this.#nodeOf.push(node.index);
        const written = move.writes.reduce((bits, { part }) => bits | bitOf(part), 0);
        const changes = this.#forest.differences(move);
        this.footprints.set([reads, written, changes], (first + at) * FOOTPRINT.size);
      });
      this.#firstMove.push(end);
    }
    return this.#firstMove[index] as number;
  }
}

const looksOf = ({ node, branches }: Station): number =>
  branches.reduce((bits, { reach }) => bits | reach, node.seen);

const bitOf = (part: Part): number => 1 << (part.index & 31);

/** The parts that were looked at on the way to a node. */
function readsOf(node: Node): number {
  let bits = 0;
  for (let at = node; at.parent !== undefined; at = at.parent.node)
    bits |= bitOf(at.parent.branch.look.part);
  return bits;
}
