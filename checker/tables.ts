import type { Branch, Forest, Node } from './forest.ts';
import type { Packing } from './packing.ts';
import { type Allocate, withRoom } from './words.ts';

/** Offsets within a node's block. The branches follow, two words each, and then the moves. */
export const NODE = {
  index: 0,
  offGoal: 1,
  counted: 2,
  plain: 3,
  moves: 4,
  firstMove: 5,
  size: 6,
} as const;
/** Offsets within a branch: the part it looks at, and where its table of children starts. */
export const BRANCH = { part: 0, table: 1, size: 2 } as const;

/**
 * The forest compiled for one packing: nothing but 32-bit words, so that expanding a state touches no object, and so
 * that other threads can do it.
 *
 * `blocks` holds the nodes. A node's branches are first those that actions or recoverable properties wait behind,
 * then the plain ones, behind which are only sentences that were found to hold: nothing is counted there. A move is
 * the words to exclusive-or into the row. `children` holds the branches' tables, indexed by code: 0 where nothing is
 * known yet, the offset of the child's block, or that offset negated where the child has nothing to do. It is written
 * last, so that a child that is seen is whole.
 */
export class Tables {
  blocks: Int32Array;
  children: Int32Array;
  /** How often each entry of `children` was used by states that were expanded. */
  visits: Int32Array;
  /** New states, by the ordinal of the move that led to them. */
  fresh: Int32Array;
  readonly #forest: Forest;
  readonly #allocate: Allocate;
  readonly #offsets: number[] = [];
  #packing: Packing;
  #blockEnd = 1;
  #childEnd = 0;
  #moves = 0;

  constructor(forest: Forest, packing: Packing, allocate: Allocate) {
    this.#forest = forest;
    this.#packing = packing;
    this.#allocate = allocate;
    this.blocks = allocate(1024);
    this.children = allocate(1024);
    this.visits = new Int32Array(1024);
    this.fresh = new Int32Array(256);
    this.compile(packing);
  }

  get root(): number {
    return this.#offset(this.#forest.nodes[0] as Node);
  }

  /** Compiles all nodes anew: after a part has outgrown its bits. */
  compile(packing: Packing): void {
    this.settle();
    this.#packing = packing;
    this.children = this.#allocate(this.children.length);
    this.blocks = this.#allocate(this.blocks.length);
    this.#blockEnd = 1;
    this.#childEnd = 0;
    this.#moves = 0;
    this.#offsets.length = 0;
    for (const node of this.#forest.nodes) this.#append(node);
    for (const node of this.#forest.nodes)
      for (const branch of node.branches)
        for (const code of branch.look.part.tuples.keys()) this.#link(node, branch, code);
  }

  /** Takes in what was learned from a state: the nodes that it comes by, and the ways from one to the next. */
  learn(path: readonly Node[], codes: Int32Array): void {
    for (const node of path)
      for (const branch of node.branches) this.#link(node, branch, codes[branch.look.part.index] as number);
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
      this.#node(Math.abs(this.children[at] as number)).visits += count;
      this.visits[at] = 0;
    }
    let ordinal = 0;
    for (const { moves } of this.#forest.nodes.slice(0, this.#offsets.length))
      for (const move of moves) {
        move.fresh += this.fresh[ordinal] as number;
        this.fresh[ordinal++] = 0;
      }
  }

  get bytes(): number {
    return 4 * (this.blocks.length + 2 * this.children.length + this.fresh.length);
  }

  #node(offset: number): Node {
    return this.#forest.nodes[this.blocks[offset] as number] as Node;
  }

  #offset(node: Node): number {
    while (node.index >= this.#offsets.length)
      this.#append(this.#forest.nodes[this.#offsets.length] as Node);
    return this.#offsets[node.index] as number;
  }

  /** Points the entry of a code at its child, if there is one. */
  #link(node: Node, branch: Branch, code: number): void {
    const child = branch.children.get(branch.look.sees(code));
    if (child === undefined) return;
    const offset = this.#offset(child);
    const isIdle = child.moves.length === 0 && child.branches.length === 0 && child.offGoal === 0;
    const at = this.#offset(node) + NODE.size + branch.at * BRANCH.size;
    const entry = (this.blocks[at + BRANCH.table] as number) + code;
    Atomics.store(this.children, entry, isIdle ? -offset : offset);
  }

  #append(node: Node): void {
    const { index, offGoal, branches, moves } = node;
    const deltas = moves.flatMap(({ writes }) => {
      const delta = new Array<number>(this.#packing.words).fill(0);
      for (const { part, from, to } of writes) this.#packing.place(part.index, from ^ to, delta, 0);
      return delta;
    });
    const counted = branches.filter(({ isPlain }) => !isPlain).length;
    const block = [index, offGoal, counted, branches.length - counted, moves.length, this.#moves];
    for (const { look } of branches) {
      block.push(look.part.index, this.#childEnd);
      this.#childEnd += this.#packing.maxCode(look.part.index) + 1;
    }
    block.push(...deltas);
    this.#offsets.push(this.#blockEnd);
    this.blocks = withRoom(this.blocks, this.#blockEnd + block.length, this.#allocate);
    this.blocks.set(block, this.#blockEnd);
    this.#blockEnd += block.length;
    this.#moves += moves.length;
    this.children = withRoom(this.children, this.#childEnd, this.#allocate);
    this.visits = withRoom(this.visits, this.children.length, length => new Int32Array(length));
    this.fresh = withRoom(this.fresh, this.#moves, length => new Int32Array(length));
  }
}
