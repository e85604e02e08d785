import type { Branch, Node } from '../learn/forest.ts';
import { BLOCK, CHILD, FOOTPRINT, MOVE, PLAIN, STATION } from './offsets.ts';
import type { Moves } from './moves.ts';
import type { Packing } from './packing.ts';
import { type Allocate, copyOf, withRoom } from './words.ts';

/** All that is asked at a node about the parts of one span. */
export interface Station {
  readonly node: Node;
  readonly span: number;
  readonly branches: Branch[];
  /** Whether only plain branches are asked. */
  isPlain: boolean;
  /** Where its table starts in `children`; -1 while it has none. */
  table: number;
  /** The bits of all looks on the way to it and behind it. */
  looks: number;
  /** Where it is in the blocks. */
  readonly uses: number[];
}

/** What a node puts into the blocks that it is in. */
interface Piece {
  readonly stations: readonly Station[];
  /** As in a block. */
  readonly moves: readonly number[];
  /** The offsets of these blocks. */
  readonly blocks: number[];
}

/** A block as it was written. */
interface Member {
  readonly nodes: readonly Node[];
  /** In their order in the block. */
  readonly stations: readonly Station[];
}

/** Writes blocks: nodes that states come by together, compiled for one packing. */
export class Blocks {
  words: Int32Array;
  readonly #moves: Moves;
  readonly #packing: Packing;
  readonly #allocate: Allocate;
  readonly #giveTable: (station: Station) => void;
  /** By part. */
  readonly #spanOf: readonly number[];
  readonly #pieces = new Map<Node, Piece>();
  readonly #stationOf = new Map<Branch, Station>();
  /** Entries of `children`, by the nodes of their blocks. */
  readonly #known = new Map<string, number>();
  /** By serial. */
  readonly #members: Member[] = [];
  #end = 1;

  /** @param giveTable finds room for the table of a station that is used for the first time */
  constructor(
    moves: Moves,
    packing: Packing,
    words: number,
    allocate: Allocate,
    giveTable: (station: Station) => void,
  ) {
    this.#moves = moves;
    this.#packing = packing;
    this.#allocate = allocate;
    this.#giveTable = giveTable;
    this.words = allocate(words);
    const spanOf: number[] = [];
    packing.spans.forEach(({ parts }, span) => parts.forEach(({ index }) => (spanOf[index] = span)));
    this.#spanOf = spanOf;
  }

  /** Moves the words. */
  copied(): Int32Array {
    return (this.words = copyOf(this.words, this.#allocate));
  }

  /** The nodes and the stations of the block that an entry of `children` leads to. */
  member(child: number): Member {
    const member = this.#members[this.words[(child >> CHILD.shift) + BLOCK.serial] as number];
    if (member === undefined) throw new Error(`there is no block for ${child}`);
    return member;
  }

  /** The station at `words[at]` in a block. */
  stationAt(block: number, at: number): Station {
    const within = at - block - BLOCK.size;
    const counted = this.words[block + BLOCK.counted] as number;
    const plain = within - STATION.size * counted;
    const place = plain < 0 ? within / STATION.size : counted + plain / PLAIN.size;
    return this.member(block << CHILD.shift).stations[place] as Station;
  }

  /** The station that a branch is asked at, if its node is in a block. */
  stationOf(branch: Branch): Station | undefined {
    return this.#stationOf.get(branch);
  }

  /** What is asked at a node, by span. */
  stationsOf(node: Node): readonly Station[] {
    return this.#piece(node).stations;
  }

  /** The block of these nodes, which a look at the span `answered` led to, as an entry of `children`. */
  entryFor(nodes: readonly Node[], answered: number | undefined): number {
    let key = '';
    for (const { index } of nodes) key += `${index} `;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const entry = this.#write(nodes, answered);
    this.#known.set(key, entry);
    return entry;
  }

  /** To be called when a move has led to its first new state. */
  found(ordinal: number): void {
    for (const block of this.#pieces.get(this.#moves.nodeOf(ordinal))?.blocks ?? []) {
      const latest = block + BLOCK.latest;
      this.words[latest] = Math.max(this.words[latest] as number, ordinal);
    }
  }

  /** Plain loops: tens of thousands of blocks may be written, each a few words long. */
  #write(nodes: readonly Node[], answered: number | undefined): number {
    const block = this.#end;
    const stations: Station[] = [];
    this.#collect(nodes, answered, false, stations);
    const counted = stations.length;
    this.#collect(nodes, answered, true, stations);
    let moves = 0;
    let offGoal = 0;
    for (const node of nodes) {
      const piece = this.#piece(node);
      piece.blocks.push(block);
      moves += piece.moves.length;
      offGoal |= node.offGoal;
    }
    const plain = stations.length - counted;
    const need = BLOCK.size + STATION.size * counted + PLAIN.size * plain + moves;
    this.words = withRoom(this.words, block + need, this.#allocate);
    this.words[block + BLOCK.serial] = this.#members.length;
    this.words[block + BLOCK.offGoal] = offGoal;
    this.words[block + BLOCK.counted] = counted;
    this.words[block + BLOCK.plain] = plain;
    this.#end = block + BLOCK.size;
    for (const station of stations) this.#writeStation(station);
    this.#writeMoves(block, nodes);
    this.#members.push({ nodes, stations });
    const asks = stations.length > 0 ? CHILD.asks : 0;
    const acts = moves > 0 || offGoal !== 0 ? CHILD.acts : 0;
    return (block << CHILD.shift) | asks | acts;
  }

  #collect(
    nodes: readonly Node[],
    answered: number | undefined,
    isPlain: boolean,
    stations: Station[],
  ): void {
    for (const node of nodes)
      for (const station of this.#piece(node).stations)
        if (station.span !== answered && station.isPlain === isPlain) stations.push(station);
  }

  #writeStation(station: Station): void {
    if (station.table < 0) this.#giveTable(station);
    const at = this.#end;
    station.uses.push(at);
    this.words[at + STATION.span] = station.span;
    this.words[at + STATION.table] = station.table;
    if (station.isPlain) this.words[at + PLAIN.looks] = station.looks;
    this.#end += station.isPlain ? PLAIN.size : STATION.size;
  }

  #writeMoves(block: number, nodes: readonly Node[]): void {
    const { words } = this;
    const start = this.#end;
    for (const node of nodes) for (const word of this.#piece(node).moves) words[this.#end++] = word;
    const size = MOVE.delta + this.#packing.words;
    let reads = 0;
    let writes = 0;
    let latest = -1;
    for (let at = start; at < this.#end; at += size) {
      const ordinal = words[at] as number;
      reads |= words[at + MOVE.reads] as number;
      writes |= words[at + MOVE.writes] as number;
      if (this.#moves.footprint(ordinal, FOOTPRINT.finds) > 0) latest = Math.max(latest, ordinal);
    }
    words[block + BLOCK.moves] = (this.#end - start) / size;
    words[block + BLOCK.reads] = reads;
    words[block + BLOCK.writes] = writes;
    words[block + BLOCK.latest] = latest;
  }

  #piece(node: Node): Piece {
    const known = this.#pieces.get(node);
    if (known !== undefined) return known;
    const piece = { stations: this.#asked(node), moves: this.#movesOf(node), blocks: [] };
    this.#pieces.set(node, piece);
    return piece;
  }

  #asked(node: Node): readonly Station[] {
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
      this.#stationOf.set(branch, station);
      station.isPlain &&= branch.isPlain;
    }
    return stations;
  }

  #movesOf(node: Node): readonly number[] {
    const first = this.#moves.firstOf(node);
    return node.moves.flatMap(({ writes }, at) => {
      const ordinal = first + at;
      const delta = new Array<number>(this.#packing.words).fill(0);
      for (const { part, from, to } of writes) this.#packing.place(part.index, from ^ to, delta, 0);
      const reads = this.#moves.footprint(ordinal, FOOTPRINT.reads);
      return [ordinal, reads, this.#moves.footprint(ordinal, FOOTPRINT.writes), ...delta];
    });
  }
}
