import type { Forest, Move, Node } from '../learn/forest.ts';
import { FOOTPRINT } from './offsets.ts';
import type { Part } from '../learn/groups.ts';
import { type Allocate, withRoom } from './words.ts';

/** The moves of the forest by number, in the order in which they were learned, and what the search must know of each. */
export class Moves {
  /** States that each move was the first to lead to. */
  fresh: Int32Array;
  footprints: Int32Array;
  readonly #forest: Forest;
  readonly #allocate: Allocate;
  /** By node, the ordinal of its first move; one more than there are nodes. */
  readonly #first: number[] = [0];
  /** By ordinal. */
  readonly #nodes: Node[] = [];
  /** How many different looks there were when the footprints were taken. */
  #lookCount = 0;

  constructor(forest: Forest, allocate: Allocate) {
    this.#forest = forest;
    this.#allocate = allocate;
    this.fresh = allocate(256);
    this.footprints = allocate(256 * FOOTPRINT.size);
  }

  /** The ordinal of a node's first move. */
  firstOf(node: Node): number {
    while (this.#first.length <= node.index + 1)
      this.#take(this.#forest.nodes[this.#first.length - 1] as Node);
    return this.#first[node.index] as number;
  }

  nodeOf(ordinal: number): Node {
    return this.#nodes[ordinal] as Node;
  }

  footprint(ordinal: number, of: number): number {
    return this.footprints[ordinal * FOOTPRINT.size + of] as number;
  }

  /** Notes that a move has led to a new state. True where it is the first one. */
  find(ordinal: number): boolean {
    const at = ordinal * FOOTPRINT.size + FOOTPRINT.finds;
    if (this.footprints[at] !== 0) return false;
    this.footprints[at] = 1;
    return true;
  }

  /** To be called when something was learned: a new look may see a difference where a move is made. */
  refresh(): void {
    if (this.#lookCount === this.#forest.lookCount) return;
    this.#lookCount = this.#forest.lookCount;
    this.#each((move, ordinal) => {
      this.footprints[ordinal * FOOTPRINT.size + FOOTPRINT.changes] = this.#forest.differences(move);
    });
  }

  /** Writes the counts of new states into the moves. */
  settle(): void {
    this.#each((move, ordinal) => (move.fresh = this.fresh[ordinal] as number));
  }

  /** Takes the counts of new states from the moves. */
  restore(): void {
    this.firstOf(this.#forest.nodes.at(-1) as Node);
    this.#each((move, ordinal) => {
      this.fresh[ordinal] = move.fresh;
      // who shared in the finds of others is not known: all may have
      this.find(ordinal);
    });
  }

  get bytes(): number {
    return 4 * (this.fresh.length + this.footprints.length);
  }

  #take(node: Node): void {
    const first = this.#nodes.length;
    const end = first + node.moves.length;
    this.fresh = withRoom(this.fresh, end, this.#allocate);
    this.footprints = withRoom(this.footprints, end * FOOTPRINT.size, this.#allocate);
    const reads = readsOf(node);
    for (const move of node.moves) {
      const written = move.writes.reduce((bits, { part }) => bits | bitOf(part), 0);
      const changes = this.#forest.differences(move);
      this.footprints.set([reads, written, changes], this.#nodes.length * FOOTPRINT.size);
      this.#nodes.push(node);
    }
    this.#first.push(end);
  }

  #each(visit: (move: Move, ordinal: number) => void): void {
    let ordinal = 0;
    for (const { moves } of this.#forest.nodes.slice(0, this.#first.length - 1))
      for (const move of moves) visit(move, ordinal++);
  }
}

const bitOf = (part: Part): number => 1 << (part.index & 31);

/** The parts that were looked at on the way to a node. */
function readsOf(node: Node): number {
  let bits = 0;
  for (let at = node; at.parent !== undefined; at = at.parent.node)
    bits |= bitOf(at.parent.branch.look.part);
  return bits;
}
