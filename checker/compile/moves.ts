import type { Forest, Move, Node } from '../learn/forest.ts';
import type { Group } from '../learn/groups.ts';
import { FOOTPRINT } from './offsets.ts';
import { type Allocate, withRoom } from './words.ts';

/** The moves of the forest by number, in the order in which they were learned, and what the search must know of each. */
export class Moves {
  /** By ordinal: how many states the move was the first to lead to. */
  fresh: Int32Array;
  /** By ordinal, as `FOOTPRINT` says. */
  footprints: Int32Array;
  readonly #forest: Forest;
  readonly #allocate: Allocate;
  /** By node, the ordinal of its first move; one more than there are nodes. */
  readonly #first: number[] = [0];
  /** By ordinal. */
  readonly #nodes: Node[] = [];
  /** How many different probes there were when the footprints were taken. */
  #probeCount = 0;

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

  /** Notes that a move has led to a new state. True where it was not known to be productive. */
  markProductive(ordinal: number): boolean {
    const at = ordinal * FOOTPRINT.size + FOOTPRINT.productive;
    if (this.footprints[at] !== 0) return false;
    this.footprints[at] = 1;
    return true;
  }

  /** To be called when something was learned: a move may change the answer to a new probe. */
  refresh(): void {
    if (this.#probeCount === this.#forest.probeCount) return;
    this.#probeCount = this.#forest.probeCount;
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
      // a checkpoint has only the states credited to each move, so that any move may have been productive
      this.markProductive(ordinal);
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
      const written = move.writes.reduce((bits, { group }) => bits | bitOf(group), 0);
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

const bitOf = (group: Group): number => 1 << (group.index & 31);

/** The groups that were probed on the way to a node. */
function readsOf(node: Node): number {
  let bits = 0;
  for (let at = node; at.parent !== undefined; at = at.parent.node)
    bits |= bitOf(at.parent.branch.probe.group);
  return bits;
}
