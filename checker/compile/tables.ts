import type { Forest, Node } from '../learn/forest.ts';
import { Bundles, type Question } from './bundles.ts';
import { Moves } from './moves.ts';
import { PLAIN_QUESTION, type Row, QUESTION } from './offsets.ts';
import type { Packing } from './packing.ts';
import { Spans } from './spans.ts';
import { type Allocate, copyOf, withRoom } from './words.ts';

/**
 * The forest compiled for one packing: nothing but 32-bit words (`offsets.ts`), so that expanding a state touches no
 * object, and so that other threads can do it.
 *
 *     bundle ── question about span 2 ──> children[table + number of what span 2 holds] ──> bundle ── …
 *        │  └── question about span 5 ──> children[table + number of what span 5 holds] ──> bundle
 *        └ moves of all its nodes
 *
 * A node of the forest probes one group, so that little real code must be run; a question is answered by a whole span,
 * so that a state needs few answers. The answer leads to a bundle: all the nodes at once that a state with this answer
 * comes by, as far as they probe groups of this span only. A bundle has one question for each of its nodes and each
 * other span that the node probes. The counted questions come first: behind them are calls or recoverable properties.
 * Behind plain questions there are only `always` and `sometimes` sentences, for which nothing is counted.
 *
 * `children` holds the tables of the questions; an entry is 0 until a state first comes by it. A bundle is written
 * before the entry that leads to it, so that another thread that sees the entry sees the whole bundle.
 */
export class Tables {
  children: Int32Array;
  /** How often each entry of `children` was used by states that were expanded. */
  visits: Int32Array;
  spans: Spans;
  /** The bundle that everything starts from, as an entry of `children`. */
  root: number;
  readonly moves: Moves;
  readonly #forest: Forest;
  readonly #allocate: Allocate;
  #packing: Packing;
  #bundles: Bundles;
  /** Those that have a table. */
  #questions: Question[] = [];
  #childEnd = 0;

  constructor(forest: Forest, packing: Packing, allocate: Allocate) {
    this.#forest = forest;
    this.#packing = packing;
    this.#allocate = allocate;
    this.moves = new Moves(forest, allocate);
    this.children = allocate(1024);
    this.visits = new Int32Array(1024);
    this.spans = new Spans(packing, allocate);
    this.#bundles = this.#emptyBundles(1024);
    this.root = this.#bundles.entryFor([forest.nodes[0] as Node], undefined);
  }

  get bundles(): Int32Array {
    return this.#bundles.words;
  }

  /** Starts anew: after a group has outgrown its bits. What is known is linked again when states come by. */
  compile(packing: Packing): void {
    this.settle();
    this.#packing = packing;
    this.spans = new Spans(packing, this.#allocate);
    this.children = this.#allocate(this.children.length);
    this.#questions = [];
    this.#childEnd = 0;
    this.#bundles = this.#emptyBundles(this.bundles.length);
    this.root = this.#bundles.entryFor([this.#forest.nodes[0] as Node], undefined);
  }

  /**
   * Fills in the entry of the question at `bundles[at]` for what this row has in its span.
   *
   * @returns the entry; 0 where the forest does not know it yet, and where the tables were moved to make room, so that
   *   the caller needs a new view of them
   */
  link(bundle: number, at: number, { rows, base }: Row, codes: Int32Array): number {
    const { bundles, children } = this;
    const question = this.#bundles.questionAt(bundle, at);
    const number = this.spans.numberOf(question.span, rows, base);
    if (number === undefined) this.#widen(question.span);
    const nodes = number === undefined ? undefined : this.#reached(question, codes);
    if (number === undefined || nodes === undefined) return 0;
    const child = this.#bundles.entryFor(nodes, question.span);
    // a thread that holds the old bundles must not see an entry that leads into the new ones: it keeps the old entries
    if (bundles !== this.bundles && children === this.children)
      this.children = copyOf(children, this.#allocate);
    Atomics.store(this.children, question.table + number, child);
    return bundles === this.bundles && children === this.children ? child : 0;
  }

  /** To be called when something was learned: there may be more probes behind the questions. */
  refresh(): void {
    for (const branch of this.#forest.widened) {
      const question = this.#bundles.questionOf(branch);
      if (question === undefined) continue;
      question.probeBits = probeBitsOf(question);
      if (question.isPlain)
        for (const use of question.uses) this.bundles[use + PLAIN_QUESTION.probeBits] = question.probeBits;
    }
    this.#forest.widened = [];
    this.moves.refresh();
  }

  /** Counts a new state that a move is credited with. */
  countNew(ordinal: number): void {
    const { fresh } = this.moves;
    fresh[ordinal] = (fresh[ordinal] as number) + 1;
    this.markProductive(ordinal);
  }

  /** Notes that a move led to a new state, which another one may have been credited with. */
  markProductive(ordinal: number): void {
    if (this.moves.markProductive(ordinal)) this.#bundles.noteProductive(ordinal);
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
      for (const node of this.#bundles.bundleAt(this.children[at] as number).nodes) node.visits += count;
      this.visits[at] = 0;
    }
    this.moves.settle();
  }

  get bytes(): number {
    return (
      4 * (this.bundles.length + 2 * this.children.length + this.spans.numbers.length) + this.moves.bytes
    );
  }

  #emptyBundles(words: number): Bundles {
    return new Bundles(this.moves, this.#packing, words, this.#allocate, question =>
      this.#giveTable(question),
    );
  }

  #giveTable(question: Question): void {
    question.probeBits = probeBitsOf(question);
    question.table = this.#childEnd;
    this.#questions.push(question);
    this.#childEnd += this.spans.rooms[question.span] as number;
    this.children = withRoom(this.children, this.#childEnd, this.#allocate);
    this.visits = withRoom(this.visits, this.children.length, length => new Int32Array(length));
  }

  /** The nodes that a state with these codes comes by from a question on, as far as they probe groups of its span. */
  #reached({ span, branches }: Question, codes: Int32Array): readonly Node[] | undefined {
    const found: Node[] = [];
    const asked = [...branches];
    for (const { probe, children } of asked) {
      const child = children.get(probe.answer(codes[probe.group.index] as number));
      if (child === undefined) return undefined;
      found.push(child);
      for (const question of this.#bundles.questionsOf(child))
        if (question.span === span) asked.push(...question.branches);
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
    const need = this.#questions.reduce((sum, { span }) => sum + (rooms[span] as number), 0);
    this.children = this.#allocate(2 ** Math.ceil(Math.log2(Math.max(need, 1024))));
    this.visits = new Int32Array(this.children.length);
    const bundles = this.#bundles.copied();
    this.#childEnd = 0;
    for (const question of this.#questions) {
      const { span, table, uses } = question;
      const room = rooms[span] as number;
      const used = span === widened ? roomBefore : room;
      this.children.set(old.subarray(table, table + used), this.#childEnd);
      question.table = this.#childEnd;
      for (const use of uses) bundles[use + QUESTION.table] = this.#childEnd;
      this.#childEnd += room;
    }
  }
}

const probeBitsOf = ({ node, branches }: Question): number =>
  branches.reduce((bits, branch) => bits | branch.probeBits, node.probeBits);
