import { mergeCalls } from './merge-calls.ts';
import type { Evaluation, Evaluator, Look, PartWrite, Subject } from './evaluate.ts';
import { Print } from '../saving/snapshot.ts';
import type { Action, Result, Value } from '../system/system.ts';

/** A call that is decided at a node: whatever else the state holds, it ends like this. */
export interface Finished {
  readonly action: Action;
  readonly result: Result;
  readonly writes: readonly PartWrite[];
}

/** A distinct change of the state, with all the calls that make it. */
export interface Move {
  readonly writes: readonly PartWrite[];
  readonly calls: readonly Finished[];
  /** States first reached by it. Credit goes to the first call. */
  fresh: number;
}

/** What is looked at next by some of the subjects that are still undecided at a node. */
export interface Branch {
  readonly look: Look;
  /** Whether only `always` and `sometimes` members wait behind it: nothing that is counted or asked for again. */
  readonly isPlain: boolean;
  readonly pending: readonly number[];
  /** Whether anything is still to be learned behind it. */
  isOpen: boolean;
  /** The bits of its look and of all looks that are known behind it. */
  reach: number;
  /** By what the look sees: a lens's value, or a whole part's code. */
  readonly children: Map<Value, Node>;
}

/** What is known of a state after the looks from the root down to here. */
export interface Node {
  readonly index: number;
  readonly parent: { readonly node: Node; readonly branch: Branch; readonly sees: Value } | undefined;
  readonly depth: number;
  /** The bits of the looks from the root down to here. */
  readonly seen: number;
  readonly finished: readonly Finished[];
  readonly moves: readonly Move[];
  readonly branches: readonly Branch[];
  /** Recoverable properties (by ordinal, as bits) that a member decided here says do not hold. */
  readonly offGoal: number;
  /** The level of the first state that came by. */
  readonly level: number;
  /** How many expanded states came by. */
  visits: number;
}

/** Told of every subject that is decided at a new node: the state at hand is the first of all that are alike here. */
export type Listener = (subject: number, evaluation: Evaluation) => void;

/**
 * Everything that is asked of a state, as one decision forest: at each node the undecided subjects are parted by what
 * they look at next. A state is expanded by walking it with its codes; the real code runs only where no state with
 * the same codes on the same looks has been before. Footprints are found, not declared.
 */
export class Forest {
  readonly nodes: Node[] = [];
  /** Branches behind which more looks are known than when this was last emptied. */
  widened: Branch[] = [];
  readonly subjects: readonly Subject[];
  readonly #evaluator: Evaluator;
  readonly #listener: Listener;
  readonly #recoverables: ReadonlyMap<number, number>;
  readonly #open: Set<number>;
  /** Evaluations on the state that is being learned, so that a chain of new nodes runs each subject once. */
  #fresh = new Map<number, Evaluation>();

  /** @param recoverables the ordinal of each recoverable property, by its index among the system's properties */
  constructor(
    subjects: readonly Subject[],
    evaluator: Evaluator,
    listener: Listener,
    recoverables: ReadonlyMap<number, number>,
  ) {
    this.subjects = subjects;
    this.#evaluator = evaluator;
    this.#listener = listener;
    this.#recoverables = recoverables;
    this.#open = new Set(subjects.keys());
  }

  /** The root, grown on the initial state. */
  plant(codes: ArrayLike<number>): Node {
    return this.#grow(undefined, [...this.subjects.keys()], codes, 0);
  }

  /** Asks no more whether members of these properties hold. True where that makes a difference. */
  close(properties: ReadonlySet<number>): boolean {
    const before = this.#open.size;
    for (const index of this.#open) {
      const subject = this.subjects[index] as Subject;
      if (subject.kind === 'instance' && properties.has(subject.property)) this.#open.delete(index);
    }
    if (this.#open.size === before) return false;
    for (const { branches } of this.nodes)
      for (const branch of branches) branch.isOpen = branch.pending.some(index => this.#open.has(index));
    return true;
  }

  /** The child of a branch for this state, grown where no state like it has been before. */
  #child(node: Node, branch: Branch, codes: ArrayLike<number>, level: number): Node {
    const sees = branch.look.sees(codes[branch.look.part.index] ?? 0);
    return branch.children.get(sees) ?? this.#grow({ node, branch, sees }, branch.pending, codes, level);
  }

  /** The nodes that a state comes by, the slow way. */
  path(codes: ArrayLike<number>, level: number): readonly Node[] {
    this.#fresh = new Map();
    const path = this.nodes.slice(0, 1);
    for (const node of path)
      for (const branch of node.branches)
        if (branch.isOpen) path.push(this.#child(node, branch, codes, level));
    return path;
  }

  /** Counts per node and per move, to be kept and to be restored. */
  get counts(): { readonly visits: number[]; readonly fresh: number[] } {
    const fresh = this.nodes.flatMap(({ moves }) => moves.map(move => move.fresh));
    return { visits: this.nodes.map(({ visits }) => visits), fresh };
  }

  restoreCounts(visits: readonly number[], fresh: readonly number[]): void {
    let ordinal = 0;
    for (const node of this.nodes) {
      node.visits = visits[node.index] ?? 0;
      for (const move of node.moves) move.fresh = fresh[ordinal++] ?? 0;
    }
  }

  /** How many different looks there were. */
  get lookCount(): number {
    return this.#evaluator.lookCount;
  }

  /** The bits of the looks that see a difference where a move is made. */
  differences({ writes }: Move): number {
    return writes.reduce((bits, write) => bits | this.#evaluator.differences(write), 0);
  }

  /** All that was learned of what the system does, as one short text. */
  get behaviour(): string {
    const print = new Print();
    for (const { finished, offGoal, branches } of this.nodes) {
      print.add(offGoal, ...branches.map(({ look }) => look.part.index));
      for (const { action, result, writes } of finished)
        print.add(action.name, result, ...writes.flatMap(({ part, to }) => [part.index, to]));
    }
    return print.text;
  }

  #grow(parent: Node['parent'], pending: readonly number[], codes: ArrayLike<number>, level: number): Node {
    const depth = parent === undefined ? 0 : parent.node.depth + 1;
    const finished: Finished[] = [];
    const branches = new Map<Look, number[]>();
    let offGoal = 0;
    for (const index of pending) {
      if (!this.#open.has(index)) continue;
      const subject = this.subjects[index] as Subject;
      const evaluation = this.#evaluated(index, subject, codes);
      this.#assertRepeats(subject, evaluation, parent, depth);
      const look = evaluation.looks[depth];
      if (look !== undefined) {
        const sharing = branches.get(look);
        if (sharing === undefined) branches.set(look, [index]);
        else sharing.push(index);
        continue;
      }
      if (subject.kind === 'action' && evaluation.result !== undefined)
        finished.push({ action: subject.action, result: evaluation.result, writes: evaluation.writes });
      if (subject.kind === 'instance' && !evaluation.holds)
        offGoal |= 1 << (this.#recoverables.get(subject.property) ?? 31);
      this.#listener(index, evaluation);
    }
    const node: Node = {
      index: this.nodes.length,
      parent,
      depth,
      seen: parent === undefined ? 0 : parent.node.seen | parent.branch.look.bit,
      finished,
      moves: mergeCalls(finished),
      branches: this.#branches(branches),
      offGoal: offGoal & 0x7fff_ffff,
      level,
      visits: 0,
    };
    this.nodes.push(node);
    parent?.branch.children.set(parent.sees, node);
    const bits = node.branches.reduce((all, { look }) => all | look.bit, 0);
    for (let up = parent; up !== undefined; up = up.node.parent) {
      const { branch } = up;
      if ((branch.reach | bits) === branch.reach) break; // so it is further up
      branch.reach |= bits;
      this.widened.push(branch);
    }
    return node;
  }

  #branches(pendingBy: ReadonlyMap<Look, readonly number[]>): readonly Branch[] {
    const isPlain = (index: number): boolean => {
      const subject = this.subjects[index] as Subject;
      return subject.kind === 'instance' && !this.#recoverables.has(subject.property);
    };
    return [...pendingBy].map(([look, pending]) => ({
      look,
      pending,
      isPlain: pending.every(isPlain),
      isOpen: true,
      reach: look.bit,
      children: new Map(),
    }));
  }

  #evaluated(index: number, subject: Subject, codes: ArrayLike<number>): Evaluation {
    const known = this.#fresh.get(index);
    if (known !== undefined) return known;
    const evaluation = this.#evaluator.evaluate(subject, codes);
    this.#fresh.set(index, evaluation);
    return evaluation;
  }

  /** What a subject looks at next may depend on nothing but what it has seen. */
  #assertRepeats(subject: Subject, { looks }: Evaluation, parent: Node['parent'], depth: number): void {
    let up = parent;
    for (let at = depth - 1; up !== undefined; at--, up = up.node.parent) {
      if (looks[at] === up.branch.look) continue;
      const name =
        subject.kind === 'action' ? subject.action.name : `a member of property ${subject.property}`;
      throw new Error(
        `${name} looks at other things where it has seen the same: ` +
          'it must be a pure function of what it reads, and its lenses the same function objects on every run',
      );
    }
  }
}
