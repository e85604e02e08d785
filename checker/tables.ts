import type { Branch, Forest, Node } from './forest.ts';
import type { Packing } from './packing.ts';

/** An Int32Array that doubles. */
function grown(words: Int32Array<ArrayBuffer>, need: number): Int32Array<ArrayBuffer> {
  if (need <= words.length) return words;
  const wider = new Int32Array(2 ** Math.ceil(Math.log2(need)));
  wider.set(words);
  return wider;
}

/** Offsets within a node's block, before its moves. */
export const NODE = { index: 0, offGoal: 1, moves: 2, firstMove: 3, size: 4 } as const;
/** Offsets within a branch's entry. */
export const BRANCH = { word: 0, shift: 1, mask: 2, table: 3, size: 4 } as const;

/**
 * The forest compiled for one packing: nothing but 32-bit words, so that expanding a state touches no object.
 *
 * `blocks` holds, for each node: index, offGoal, number of moves, ordinal of the first move; for each move the words
 * to exclusive-or into the row; number of branches; for each branch the lane it looks at and where its table starts.
 * `children` holds the branches' tables, indexed by code: 0 where nothing is known yet, the offset of the child's
 * block, or that offset negated where the child has nothing to do. `visits` counts, entry by entry.
 */
export class Tables {
  blocks = new Int32Array(1024);
  children = new Int32Array(1024);
  visits = new Uint32Array(1024);
  readonly #forest: Forest;
  readonly #offsets: number[] = [];
  #packing: Packing;
  #blockEnd = 1;
  #childEnd = 0;
  #moves = 0;
  #fresh: Uint32Array<ArrayBuffer> = new Uint32Array(256);

  constructor(forest: Forest, packing: Packing) {
    this.#forest = forest;
    this.#packing = packing;
    this.compile(packing);
  }

  /** Compiles all nodes anew: after a part has outgrown its bits. */
  compile(packing: Packing): void {
    this.settle();
    this.#packing = packing;
    this.#blockEnd = 1;
    this.children.fill(0, 0, this.#childEnd);
    this.#childEnd = 0;
    this.#moves = 0;
    this.#offsets.length = 0;
    for (const node of this.#forest.nodes) this.#append(node);
    for (const { parent } of this.#forest.nodes)
      if (parent !== undefined && parent.branch.look.lens === undefined)
        this.link(parent.node, parent.branch, parent.sees as number);
  }

  offset(node: Node): number {
    if (node.index >= this.#offsets.length) this.#append(node);
    return this.#offsets[node.index] as number;
  }

  node(offset: number): Node {
    return this.#forest.nodes[this.blocks[offset] as number] as Node;
  }

  /** Points the entry of a code at its child, which is there already, and returns the entry. */
  link(node: Node, branch: Branch, code: number): number {
    const child = branch.children.get(this.#forest.sees(branch.look, code)) as Node;
    const offset = this.offset(child);
    const isIdle = child.moves.length === 0 && child.branches.length === 0 && child.offGoal === 0;
    const entry = isIdle ? -offset : offset;
    this.children[this.#table(node, branch) + code] = entry;
    return entry;
  }

  /** Moves the counts into the nodes and moves they belong to. */
  settle(): void {
    for (let at = 0; at < this.#childEnd; at++) {
      const count = this.visits[at] as number;
      if (count === 0) continue;
      this.node(Math.abs(this.children[at] as number)).visits += count;
      this.visits[at] = 0;
    }
    let ordinal = 0;
    for (const offset of this.#offsets)
      for (const move of this.node(offset).moves) {
        move.fresh += this.#fresh[ordinal] as number;
        this.#fresh[ordinal++] = 0;
      }
  }

  /** New states by move ordinal. */
  get fresh(): Uint32Array<ArrayBuffer> {
    return this.#fresh;
  }

  get bytes(): number {
    return (
      this.blocks.byteLength + this.children.byteLength + this.visits.byteLength + this.#fresh.byteLength
    );
  }

  #table(node: Node, branch: Branch): number {
    const branches = this.offset(node) + NODE.size + node.moves.length * this.#packing.words + 1;
    return this.blocks[branches + node.branches.indexOf(branch) * BRANCH.size + BRANCH.table] as number;
  }

  #append(node: Node): void {
    const { words, lanes } = this.#packing;
    const size = NODE.size + node.moves.length * words + 1 + node.branches.length * BRANCH.size;
    const at = this.#blockEnd;
    this.#blockEnd += size;
    this.blocks = grown(this.blocks, this.#blockEnd);
    this.#offsets[node.index] = at;
    const deltas = node.moves.flatMap(({ writes }) => {
      const delta = new Array<number>(words).fill(0);
      for (const { part, from, to } of writes) {
        const lane = lanes[part.index];
        if (lane !== undefined) delta[lane.word] = (delta[lane.word] ?? 0) ^ ((from ^ to) << lane.shift);
      }
      return delta;
    });
    const branches = node.branches.flatMap(({ look }) => {
      const lane = lanes[look.part.index] ?? { word: 0, shift: 0, mask: 0 };
      const table = this.#childEnd;
      this.#childEnd += lane.mask + 1;
      return [lane.word, lane.shift, lane.mask, table];
    });
    this.blocks.set(
      [
        node.index,
        node.offGoal,
        node.moves.length,
        this.#moves,
        ...deltas,
        node.branches.length,
        ...branches,
      ],
      at,
    );
    this.#moves += node.moves.length;
    this.children = grown(this.children, this.#childEnd);
    this.visits = new Uint32Array(grown(new Int32Array(this.visits.buffer), this.#childEnd).buffer);
    this.#fresh = new Uint32Array(grown(new Int32Array(this.#fresh.buffer), this.#moves).buffer);
  }
}
