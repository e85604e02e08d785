import type { Action, Result, Value } from '../system/system.ts';
import { Digest } from './digest.ts';
import type { Evaluation, Evaluator, Probe, GroupWrite } from './evaluate.ts';
import type { Subject } from './subjects.ts';

/** A call that is decided at a node: whatever else the state holds, it ends like this. */
export interface Finished {
  readonly action: Action;
  readonly result: Result;
  readonly writes: readonly GroupWrite[];
}

/** A distinct change of the state, with all the calls that make it. */
export interface Move {
  readonly writes: readonly GroupWrite[];
  readonly calls: readonly Finished[];
  /** States first reached by it. Credit goes to the first call. */
  fresh: number;
}

/** The next probe of some of the subjects that are still undecided at a node. */
export interface Branch {
  readonly probe: Probe;
  /** Whether only `always` and `sometimes` members wait behind it: nothing that is counted or asked for again. */
  readonly isPlain: boolean;
  readonly pending: readonly number[];
  /** Whether anything is still to be learned behind it. */
  isOpen: boolean;
  /** The bits of its probe and of all probes that are known behind it. */
  probeBits: number;
  /** By the probe's answer: a lens's value, or the group's code. */
  readonly children: Map<Value, Node>;
}

/** What is known of a state after the probes from the root down to here. */
export interface Node {
  readonly index: number;
  readonly parent: { readonly node: Node; readonly branch: Branch; readonly answer: Value } | undefined;
  readonly depth: number;
  /** The bits of the probes from the root down to here. */
  readonly probeBits: number;
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
 * Everything that is asked of a state, as one decision forest: at each node the undecided subjects are parted by their
 * next probes. A state is expanded by walking the forest with its codes; the real code runs only where no state with
 * the same answers to the same probes has been before. Footprints are found, not declared.
 */
export class Forest {
  readonly nodes: Node[] = [];
  /** Branches behind which more probes are known than when this was last emptied. */
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
    const answer = branch.probe.answer(codes[branch.probe.group.index] ?? 0);
    return (
      branch.children.get(answer) ?? this.#grow({ node, branch, answer }, branch.pending, codes, level)
    );
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

  /** How many different probes there are. */
  get probeCount(): number {
    return this.#evaluator.probeCount;
  }

  /** The bits of the probes whose answers a move changes. */
  differences({ writes }: Move): number {
    return writes.reduce((bits, write) => bits | this.#evaluator.differences(write), 0);
  }

  /** All that was learned of what the system does, as one short text. */
  get behaviour(): string {
    const digest = new Digest();
    for (const { finished, offGoal, branches } of this.nodes) {
      digest.add(offGoal, ...branches.map(({ probe }) => probe.group.index));
      for (const { action, result, writes } of finished)
        digest.add(action.name, result, ...writes.flatMap(({ group, to }) => [group.index, to]));
    }
    return digest.text;
  }

  #grow(parent: Node['parent'], pending: readonly number[], codes: ArrayLike<number>, level: number): Node {
    const depth = parent === undefined ? 0 : parent.node.depth + 1;
    const finished: Finished[] = [];
    const branches = new Map<Probe, number[]>();
    let offGoal = 0;
    for (const index of pending) {
      if (!this.#open.has(index)) continue;
      const subject = this.subjects[index] as Subject;
      const evaluation = this.#evaluated(index, subject, codes);
      this.#assertRepeats(subject, evaluation, parent, depth);
      const probe = evaluation.probes[depth];
      if (probe !== undefined) {
        const sharing = branches.get(probe);
        if (sharing === undefined) branches.set(probe, [index]);
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
      probeBits: parent === undefined ? 0 : parent.node.probeBits | parent.branch.probe.bit,
      finished,
      moves: mergeCalls(finished),
      branches: this.#branches(branches),
      offGoal: offGoal & 0x7fff_ffff,
      level,
      visits: 0,
    };
    this.nodes.push(node);
    parent?.branch.children.set(parent.answer, node);
    const bits = node.branches.reduce((all, { probe }) => all | probe.bit, 0);
    for (let up = parent; up !== undefined; up = up.node.parent) {
      const { branch } = up;
      if ((branch.probeBits | bits) === branch.probeBits) break; // so it is further up
      branch.probeBits |= bits;
      this.widened.push(branch);
    }
    return node;
  }

  #branches(pendingBy: ReadonlyMap<Probe, readonly number[]>): readonly Branch[] {
    const isPlain = (index: number): boolean => {
      const subject = this.subjects[index] as Subject;
      return subject.kind === 'instance' && !this.#recoverables.has(subject.property);
    };
    return [...pendingBy].map(([probe, pending]) => ({
      probe,
      pending,
      isPlain: pending.every(isPlain),
      isOpen: true,
      probeBits: probe.bit,
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

  /** The next probe of a subject may depend on nothing but the answers to those before. */
  #assertRepeats(subject: Subject, { probes }: Evaluation, parent: Node['parent'], depth: number): void {
    let up = parent;
    for (let at = depth - 1; up !== undefined; at--, up = up.node.parent) {
      if (probes[at] === up.branch.probe) continue;
      const name =
        subject.kind === 'action' ? subject.action.name : `a member of property ${subject.property}`;
      throw new Error(
        `${name} looks at other things where it has seen the same: ` +
          'it must be a pure function of what it reads, and its lenses the same function objects on every run',
      );
    }
  }
}

/** Calls that make the same change are one move; calls that change nothing are none. */
function mergeCalls(finished: readonly Finished[]): readonly Move[] {
  const moves = new Map<string, { writes: readonly GroupWrite[]; calls: Finished[]; fresh: number }>();
  for (const call of finished) {
    if (call.writes.length === 0) continue;
    const key = call.writes
      .map(({ group, to }) => `${group.index}=${to}`)
      .sort()
      .join();
    const known = moves.get(key);
    if (known === undefined) moves.set(key, { writes: call.writes, calls: [call], fresh: 0 });
    else known.calls.push(call);
  }
  return [...moves.values()];
}
