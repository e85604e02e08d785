import { Arena } from './arena.ts';
import type { Forest, Node } from './forest.ts';
import { Packing } from './packing.ts';
import type { Parts } from './parts.ts';
import { BRANCH, NODE, Tables } from './tables.ts';
import { Bitmap, HashTable, type Visited } from './visited.ts';

/** Rows of this many bits or fewer have a bitmap: 2 MiB at most, which is less than a table of few states takes. */
const BITMAP_BITS = 24;

/**
 * Breadth-first search over packed rows. `expand` is the hot loop: it walks the forest with a state's codes and adds
 * what its moves lead to. Everything else here makes room.
 */
export class Search {
  readonly parts: Parts;
  readonly forest: Forest;
  readonly arena: Arena;
  readonly tables: Tables;
  visited: Visited;
  /** The offsets of the nodes with something to do that the last state came by. */
  #path: Int32Array = new Int32Array(256);
  #pathEnd = 0;
  readonly #codes: Int32Array;
  #row: Int32Array;
  readonly #maxMoves: number;

  constructor(parts: Parts, forest: Forest) {
    this.parts = parts;
    this.forest = forest;
    this.#codes = new Int32Array(parts.all.length);
    this.#maxMoves = forest.subjects.length;
    forest.plant(this.#codes);
    const packing = new Packing(parts.all);
    this.arena = new Arena(packing);
    this.tables = new Tables(forest, packing);
    this.#row = new Int32Array(packing.words);
    this.visited = this.#rehash();
    this.arena.push(this.#row);
    this.visited.add(this.#row, 0);
  }

  /** Expands one state and returns its number of moves that change it. `level` is its depth. */
  expand(index: number, level: number): number {
    this.walk(index, level);
    if (this.visited.room < this.#maxMoves) this.visited = this.#rehash();
    const { words } = this.arena.packing;
    const { blocks, fresh } = this.tables;
    const rows = this.arena.chunk(index);
    const base = this.arena.offset(index);
    const next = this.#row;
    let moves = 0;
    for (let at = 0; at < this.#pathEnd; at++) {
      const node = this.#path[at] as number;
      const count = blocks[node + NODE.moves] as number;
      const first = blocks[node + NODE.firstMove] as number;
      moves += count;
      let delta = node + NODE.size;
      for (let move = 0; move < count; move++) {
        for (let word = 0; word < words; word++, delta++)
          next[word] = (rows[base + word] as number) ^ (blocks[delta] as number);
        if (!this.visited.add(next, 0)) continue;
        this.arena.push(next);
        fresh[first + move] = (fresh[first + move] as number) + 1;
      }
    }
    return moves;
  }

  /** Whether an expanded state is of the goal of a recoverable property or has a move to a state marked good. */
  reaches(index: number, ordinal: number, good: Uint8Array): boolean {
    this.walk(index, 0);
    const { words } = this.arena.packing;
    const { blocks } = this.tables;
    const rows = this.arena.chunk(index);
    const base = this.arena.offset(index);
    const next = this.#row;
    let offGoal = 0;
    for (let at = 0; at < this.#pathEnd; at++)
      offGoal |= blocks[(this.#path[at] as number) + NODE.offGoal] as number;
    if ((offGoal & (1 << ordinal)) === 0) return true;
    for (let at = 0; at < this.#pathEnd; at++) {
      const node = this.#path[at] as number;
      let delta = node + NODE.size;
      const end = delta + (blocks[node + NODE.moves] as number) * words;
      while (delta < end) {
        for (let word = 0; word < words; word++, delta++)
          next[word] = (rows[base + word] as number) ^ (blocks[delta] as number);
        const position = this.visited.find(next, 0);
        if (((good[position >>> 3] as number) & (1 << (position & 7))) !== 0) return true;
      }
    }
    return false;
  }

  /** Walks the forest with a state's codes, growing it where the state is the first of its kind. */
  walk(index: number, level: number): void {
    const { tables } = this;
    let path = this.#path;
    const rows = this.arena.chunk(index);
    const base = this.arena.offset(index);
    let { blocks, children, visits } = tables;
    let learned = false;
    let end = 1;
    path[0] = tables.offset(this.forest.nodes[0] as Node);
    for (let at = 0; at < end; at++) {
      const node = path[at] as number;
      let branch = node + NODE.size + (blocks[node + NODE.moves] as number) * this.arena.packing.words + 1;
      const last = branch + (blocks[branch - 1] as number) * BRANCH.size;
      for (; branch < last; branch += BRANCH.size) {
        const word = rows[base + (blocks[branch + BRANCH.word] as number)] as number;
        const code =
          (word >>> (blocks[branch + BRANCH.shift] as number)) & (blocks[branch + BRANCH.mask] as number);
        const entry = (blocks[branch + BRANCH.table] as number) + code;
        let child = children[entry] as number;
        if (child === 0) {
          if (!learned) this.#recall(index);
          learned = true;
          child = this.#learn(node, (last - branch) / BRANCH.size, code, level);
          ({ blocks, children, visits } = tables);
          path = this.#roomForPath();
        }
        visits[entry] = (visits[entry] as number) + 1;
        if (child > 0) path[end++] = child;
      }
    }
    this.#pathEnd = end;
    (this.forest.nodes[0] as Node).visits++;
    if (learned && !this.arena.packing.fits(this.parts.all)) this.#repack();
  }

  /** A state comes by every node once at most. */
  #roomForPath(): Int32Array {
    if (this.forest.nodes.length <= this.#path.length) return this.#path;
    const longer = new Int32Array(2 * this.forest.nodes.length);
    longer.set(this.#path);
    return (this.#path = longer);
  }

  #recall(index: number): void {
    this.forest.forget();
    this.arena.unpack(index, this.#codes);
  }

  /** @param fromLast which branch of the node, counted from the end, the last being 1 */
  #learn(offset: number, fromLast: number, code: number, level: number): number {
    const node = this.tables.node(offset);
    const branch = node.branches[node.branches.length - fromLast];
    if (branch === undefined) throw new Error('a branch without a name');
    this.forest.child(node, branch, this.#codes, level);
    return this.tables.link(node, branch, code);
  }

  /** A part has outgrown its bits: rows, tables and set are written anew. Rare: at most once for every bit of a row. */
  #repack(): void {
    const nodes = Array.from(this.#path.subarray(0, this.#pathEnd), offset => this.tables.node(offset));
    const packing = new Packing(this.parts.all);
    this.arena.repack(packing);
    this.tables.compile(packing);
    this.#row = new Int32Array(packing.words);
    this.visited = this.#rehash();
    nodes.forEach((node, at) => (this.#path[at] = this.tables.offset(node)));
  }

  get bytes(): number {
    return this.arena.bytes + this.visited.bytes + this.tables.bytes;
  }

  #rehash(): Visited {
    const { bits, words } = this.arena.packing;
    const need = 1024 + 4 * this.#maxMoves + 3 * this.arena.length;
    const visited =
      bits <= BITMAP_BITS ? new Bitmap(bits) : new HashTable(words, 2 ** Math.ceil(Math.log2(need)));
    for (let index = 0; index < this.arena.length; index++)
      visited.add(this.arena.chunk(index), this.arena.offset(index));
    return visited;
  }
}
