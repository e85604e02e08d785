import type { Branch, Node } from '../learn/forest.ts';
import type { Moves } from './moves.ts';
import { BUNDLE, CHILD, FOOTPRINT, MOVE, PLAIN_QUESTION, QUESTION } from './offsets.ts';
import type { Packing } from './packing.ts';
import { type Allocate, copyOf, withRoom } from './words.ts';

/** All that is asked at a node about the groups of one span. */
export interface Question {
  readonly node: Node;
  readonly span: number;
  readonly branches: Branch[];
  /** Whether only plain branches are asked. */
  isPlain: boolean;
  /** Where its table starts in `children`; -1 while it has none. */
  table: number;
  /** The bits of all probes on the way to it and behind it. */
  probeBits: number;
  /** Where it stands in the bundles. */
  readonly uses: number[];
}

/** What a node adds to every bundle that it belongs to. */
interface Piece {
  readonly questions: readonly Question[];
  /** As in a bundle. */
  readonly moves: readonly number[];
  /** The offsets of these bundles. */
  readonly bundles: number[];
}

/** A bundle as it was written. */
interface Bundle {
  readonly nodes: readonly Node[];
  /** In their order in the bundle. */
  readonly questions: readonly Question[];
}

/** Writes bundles: nodes that states come by together, compiled for one packing. */
export class Bundles {
  words: Int32Array;
  readonly #moves: Moves;
  readonly #packing: Packing;
  readonly #allocate: Allocate;
  readonly #giveTable: (question: Question) => void;
  /** By group. */
  readonly #spanOf: readonly number[];
  readonly #pieces = new Map<Node, Piece>();
  readonly #questionOf = new Map<Branch, Question>();
  /** Entries of `children`, by the nodes of their bundles. */
  readonly #known = new Map<string, number>();
  /** By serial. */
  readonly #bundles: Bundle[] = [];
  #end = 1;

  /** @param giveTable finds room for the table of a question that is used for the first time */
  constructor(
    moves: Moves,
    packing: Packing,
    words: number,
    allocate: Allocate,
    giveTable: (question: Question) => void,
  ) {
    this.#moves = moves;
    this.#packing = packing;
    this.#allocate = allocate;
    this.#giveTable = giveTable;
    this.words = allocate(words);
    const spanOf: number[] = [];
    packing.spans.forEach(({ groups }, span) => groups.forEach(({ index }) => (spanOf[index] = span)));
    this.#spanOf = spanOf;
  }

  /** Goes on in a copy, for threads that hold the old words; hands it out. */
  copied(): Int32Array {
    return (this.words = copyOf(this.words, this.#allocate));
  }

  /** The nodes and the questions of the bundle that an entry of `children` leads to. */
  bundleAt(child: number): Bundle {
    const bundle = this.#bundles[this.words[(child >> CHILD.shift) + BUNDLE.serial] as number];
    if (bundle === undefined) throw new Error(`there is no bundle for ${child}`);
    return bundle;
  }

  /** The question at `words[at]` in a bundle. */
  questionAt(bundle: number, at: number): Question {
    const within = at - bundle - BUNDLE.size;
    const counted = this.words[bundle + BUNDLE.counted] as number;
    const plain = within - QUESTION.size * counted;
    const place = plain < 0 ? within / QUESTION.size : counted + plain / PLAIN_QUESTION.size;
    return this.bundleAt(bundle << CHILD.shift).questions[place] as Question;
  }

  /** The question that a branch belongs to, if its node is in a bundle. */
  questionOf(branch: Branch): Question | undefined {
    return this.#questionOf.get(branch);
  }

  /** What is asked at a node, by span. */
  questionsOf(node: Node): readonly Question[] {
    return this.#piece(node).questions;
  }

  /** The bundle of these nodes, which an answer about the span `answered` led to, as an entry of `children`. */
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
  noteProductive(ordinal: number): void {
    for (const bundle of this.#pieces.get(this.#moves.nodeOf(ordinal))?.bundles ?? []) {
      const latest = bundle + BUNDLE.latest;
      this.words[latest] = Math.max(this.words[latest] as number, ordinal);
    }
  }

  /** Plain loops: tens of thousands of bundles may be written, each a few words long. */
  #write(nodes: readonly Node[], answered: number | undefined): number {
    const bundle = this.#end;
    const questions: Question[] = [];
    this.#collect(nodes, answered, false, questions);
    const counted = questions.length;
    this.#collect(nodes, answered, true, questions);
    let moves = 0;
    let offGoal = 0;
    for (const node of nodes) {
      const piece = this.#piece(node);
      piece.bundles.push(bundle);
      moves += piece.moves.length;
      offGoal |= node.offGoal;
    }
    const plain = questions.length - counted;
    const need = BUNDLE.size + QUESTION.size * counted + PLAIN_QUESTION.size * plain + moves;
    this.words = withRoom(this.words, bundle + need, this.#allocate);
    this.words[bundle + BUNDLE.serial] = this.#bundles.length;
    this.words[bundle + BUNDLE.offGoal] = offGoal;
    this.words[bundle + BUNDLE.counted] = counted;
    this.words[bundle + BUNDLE.plain] = plain;
    this.#end = bundle + BUNDLE.size;
    for (const question of questions) this.#writeQuestion(question);
    this.#writeMoves(bundle, nodes);
    this.#bundles.push({ nodes, questions });
    const asks = questions.length > 0 ? CHILD.asks : 0;
    const acts = moves > 0 || offGoal !== 0 ? CHILD.acts : 0;
    return (bundle << CHILD.shift) | asks | acts;
  }

  #collect(
    nodes: readonly Node[],
    answered: number | undefined,
    isPlain: boolean,
    questions: Question[],
  ): void {
    for (const node of nodes)
      for (const question of this.#piece(node).questions)
        if (question.span !== answered && question.isPlain === isPlain) questions.push(question);
  }

  #writeQuestion(question: Question): void {
    if (question.table < 0) this.#giveTable(question);
    const at = this.#end;
    question.uses.push(at);
    this.words[at + QUESTION.span] = question.span;
    this.words[at + QUESTION.table] = question.table;
    if (question.isPlain) this.words[at + PLAIN_QUESTION.probeBits] = question.probeBits;
    this.#end += question.isPlain ? PLAIN_QUESTION.size : QUESTION.size;
  }

  #writeMoves(bundle: number, nodes: readonly Node[]): void {
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
      if (this.#moves.footprint(ordinal, FOOTPRINT.productive) > 0) latest = Math.max(latest, ordinal);
    }
    words[bundle + BUNDLE.moves] = (this.#end - start) / size;
    words[bundle + BUNDLE.reads] = reads;
    words[bundle + BUNDLE.writes] = writes;
    words[bundle + BUNDLE.latest] = latest;
  }

  #piece(node: Node): Piece {
    const known = this.#pieces.get(node);
    if (known !== undefined) return known;
    const piece = { questions: this.#asked(node), moves: this.#movesOf(node), bundles: [] };
    this.#pieces.set(node, piece);
    return piece;
  }

  #asked(node: Node): readonly Question[] {
    const questions: Question[] = [];
    for (const branch of node.branches) {
      if (!branch.isOpen) continue;
      const span = this.#spanOf[branch.probe.group.index] as number;
      let question = questions.find(one => one.span === span);
      if (question === undefined) {
        question = { node, span, branches: [], isPlain: true, table: -1, probeBits: 0, uses: [] };
        questions.push(question);
      }
      question.branches.push(branch);
      this.#questionOf.set(branch, question);
      question.isPlain &&= branch.isPlain;
    }
    return questions;
  }

  #movesOf(node: Node): readonly number[] {
    const first = this.#moves.firstOf(node);
    return node.moves.flatMap(({ writes }, at) => {
      const ordinal = first + at;
      const delta = new Array<number>(this.#packing.words).fill(0);
      for (const { group, from, to } of writes) this.#packing.place(group.index, from ^ to, delta, 0);
      const reads = this.#moves.footprint(ordinal, FOOTPRINT.reads);
      return [ordinal, reads, this.#moves.footprint(ordinal, FOOTPRINT.writes), ...delta];
    });
  }
}
