import type { Evaluator, Probe } from './learn/evaluate.ts';
import type { Forest, Node } from './learn/forest.ts';
import type { Group, Groups } from './learn/groups.ts';
import type { Subject } from './learn/subjects.ts';
import type { ExploreOptions } from './options.ts';
import { report } from './report/report.ts';
import { Run } from './run.ts';
import type { Exploration } from './system/exploration.ts';
import type { Action, Instance, Result, Slot, System, Value } from './system/system.ts';

/**
 * How one thing is decided: which slots it reads next, and what follows from what they hold. Slots by their index,
 * values by their code. A combination that no branch lists was never seen in a state.
 */
export type Decision<T> =
  | { readonly kind: 'decided'; readonly as: T }
  | {
      readonly kind: 'probe';
      readonly slots: readonly number[];
      /** `seen`: the tuples of codes, in the order of `slots`, that all lead on to the same. No two branches share one. */
      readonly branches: readonly {
        readonly seen: readonly (readonly number[])[];
        readonly then: Decision<T>;
      }[];
    };

/** What a call does wherever its probes have the same answers. */
export interface LearnedStep {
  /** `undefined` where the action is disabled. */
  readonly result: Result | undefined;
  /** The slots whose value changes, and to what. */
  readonly writes: readonly { readonly slot: number; readonly code: number }[];
  /** The step properties, by index, and the twin where the step breaks them. */
  readonly breaks: readonly (number | 'twin')[];
}

/** Everything that a run has learned of a system: tables that say what every call does, for other programs to read. */
export interface Relations {
  readonly system: System;
  /** Every value that each slot was seen to hold; its index is its code. The initial value is code 0. */
  readonly values: readonly (readonly Value[])[];
  readonly steps: readonly { readonly action: Action; readonly decision: Decision<LearnedStep> }[];
  /** The members of the properties of states, with the property's index, and where they hold. */
  readonly members: readonly {
    readonly property: number;
    readonly instance: Instance;
    readonly decision: Decision<boolean>;
  }[];
  /** The run they were learned from. Where it is partial, states beyond it may come to what was never seen. */
  readonly found: Exploration;
}

/**
 * Explores a system and hands out the local relations that were learned on the way: complete for all states that were
 * expanded. Symmetry is never used, or states that were left out would not be covered.
 */
export async function learnRelations(system: System, options: ExploreOptions = {}): Promise<Relations> {
  const run = new Run(system, options, true);
  await run.levels();
  const coverage = run.coverage();
  if (run.isExhaustive) await run.findTraps();
  const found = report(run, coverage);
  const { forest } = run.search;
  const codes = new SlotCodes(system, run.groups);
  const learner = new Learner(forest, run.groups, run.evaluator, codes, hasFaults(found));
  return {
    system,
    values: codes.values,
    steps: forest.subjects.flatMap((subject, index) =>
      subject.kind === 'action' ? [{ action: subject.action, decision: learner.step(index, subject) }] : [],
    ),
    members: forest.subjects.flatMap((subject, index) =>
      subject.kind === 'instance'
        ? [
            {
              property: subject.property,
              instance: subject.instance,
              decision: learner.member(index, subject),
            },
          ]
        : [],
    ),
    found,
  };
}

const hasFaults = ({ properties, twin }: Exploration): boolean =>
  twin?.disagreement !== undefined ||
  properties.some(({ property, verdict }) => property.kind === 'step' && verdict === 'violated');

/** Codes of the values of single slots, where the engine has codes of whole groups. */
class SlotCodes {
  readonly values: Value[][];
  readonly #index: ReadonlyMap<Slot, number>;
  readonly #codes: readonly Map<Value, number>[];

  constructor({ slots }: System, groups: Groups) {
    this.#index = new Map(slots.map((slot, at) => [slot, at]));
    this.values = slots.map(({ initial }) => [initial]);
    this.#codes = slots.map(({ initial }) => new Map([[initial, 0]]));
    for (const group of groups.all)
      for (const tuple of group.tuples) group.slots.forEach((slot, at) => this.#intern(slot, tuple[at]));
  }

  #intern(slot: Slot, value: Value | undefined): void {
    const at = this.indexOf(slot);
    const codes = this.#codes[at];
    if (value === undefined || codes === undefined || codes.has(value)) return;
    codes.set(value, codes.size);
    this.values[at]?.push(value);
  }

  indexOf(slot: Slot): number {
    const index = this.#index.get(slot);
    if (index === undefined) throw new Error(`there is no slot ${slot.name}`);
    return index;
  }

  /** The codes of a group's slots where the group has this code. */
  tuple(group: Group, code: number): readonly number[] {
    return group.slots.map((slot, at) => {
      const known = this.#codes[this.indexOf(slot)]?.get(group.tuple(code)[at] as Value);
      if (known === undefined) throw new Error(`slot ${slot.name} never held a value that its group has`);
      return known;
    });
  }
}

/** Reads the forest as one decision for each subject. */
class Learner {
  readonly #forest: Forest;
  readonly #groups: Groups;
  readonly #evaluator: Evaluator;
  readonly #codes: SlotCodes;
  readonly #hasFaults: boolean;

  constructor(forest: Forest, groups: Groups, evaluator: Evaluator, codes: SlotCodes, faulty: boolean) {
    this.#forest = forest;
    this.#groups = groups;
    this.#evaluator = evaluator;
    this.#codes = codes;
    this.#hasFaults = faulty;
  }

  step(index: number, subject: Extract<Subject, { kind: 'action' }>): Decision<LearnedStep> {
    return this.#decision(index, this.#root, node => {
      const call = node.finished.find(({ action }) => action === subject.action);
      if (call === undefined) return { result: undefined, writes: [], breaks: [] };
      const faults = this.#hasFaults ? this.#evaluator.evaluate(subject, this.#example(node)).faults : [];
      return {
        result: call.result,
        writes: call.writes.flatMap(({ group, from, to }) => this.#writes(group, from, to)),
        breaks: faults.map(({ property }) => property),
      };
    });
  }

  /** Whether a member holds was told when it was decided, but not kept: it is asked again, with the same answers. */
  member(index: number, subject: Extract<Subject, { kind: 'instance' }>): Decision<boolean> {
    return this.#decision(
      index,
      this.#root,
      node => this.#evaluator.evaluate(subject, this.#example(node)).holds,
    );
  }

  get #root(): Node {
    const [root] = this.#forest.nodes;
    if (root === undefined) throw new Error('the forest was never planted');
    return root;
  }

  #decision<T>(subject: number, node: Node, decided: (node: Node) => T): Decision<T> {
    const branch = node.branches.find(({ pending }) => pending.includes(subject));
    if (branch === undefined) return { kind: 'decided', as: decided(node) };
    const { group } = branch.probe;
    const merged = new Map<string, { seen: (readonly number[])[]; then: Decision<T> }>();
    for (const child of branch.children.values()) {
      const then = this.#decision(subject, child, decided);
      const seen = this.#codesThatAnswer(branch.probe, child).map(code => this.#codes.tuple(group, code));
      const key = JSON.stringify(then);
      const alike = merged.get(key);
      if (alike === undefined) merged.set(key, { seen, then });
      else alike.seen.push(...seen);
    }
    const slots = group.slots.map(slot => this.#codes.indexOf(slot));
    return { kind: 'probe', slots, branches: [...merged.values()] };
  }

  /** The codes of the probe's group that lead to this child. */
  #codesThatAnswer(probe: Probe, { parent }: Node): readonly number[] {
    return [...probe.group.tuples.keys()].filter(code => probe.answer(code) === parent?.answer);
  }

  /** Codes of some state that comes by a node: right in every group that was probed on the way. */
  #example(node: Node): Int32Array {
    const possible = new Map<Group, readonly number[]>();
    for (let at = node; at.parent !== undefined; at = at.parent.node) {
      const { probe } = at.parent.branch;
      const seen = this.#codesThatAnswer(probe, at);
      possible.set(probe.group, possible.get(probe.group)?.filter(code => seen.includes(code)) ?? seen);
    }
    const codes = new Int32Array(this.#groups.all.length);
    for (const [group, [code = 0]] of possible) codes[group.index] = code;
    return codes;
  }

  #writes(group: Group, from: number, to: number): LearnedStep['writes'] {
    const before = this.#codes.tuple(group, from);
    return this.#codes
      .tuple(group, to)
      .flatMap((code, at) =>
        code === before[at] || group.slots[at] === undefined
          ? []
          : [{ slot: this.#codes.indexOf(group.slots[at]), code }],
      );
  }
}
