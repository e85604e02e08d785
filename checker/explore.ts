import { type Coverage, coverageOf } from './coverage.ts';
import { Discovery } from './discovery.ts';
import { Evaluator, type Subject } from './evaluate.ts';
import type { ExploreOptions, Progress } from './explore-options.ts';
import { Findings } from './findings.ts';
import { Forest, type Node } from './forest.ts';
import { Limits } from './limits.ts';
import type { Exploration } from './outcome.ts';
import { Parts } from './parts.ts';
import { firstTrap } from './recover.ts';
import { report } from './report.ts';
import { Search } from './search.ts';
import type { System } from './system.ts';

/**
 * Explores every reachable state of a system, breadth first, and says what it found. Exact: no fingerprint stands for
 * a state. The same system gives the same counts, verdicts and traces on every run.
 *
 * @throws Error where an action or a property is not a function of what it reads, or uses a slot that is not there
 */
export async function explore(system: System, options: ExploreOptions = {}): Promise<Exploration> {
  const run = new Run(system, options);
  await run.levels();
  if (run.limits.bound === 'depth' || run.limits.bound === 'states') run.checkFrontier();
  const coverage = run.coverage();
  if (run.isExhaustive) await run.findTraps();
  return report(run, coverage);
}

/** States that are collected before what they lead to is committed: few enough to stay in the cache. */
const BATCH = 128;

/** The state of a run: everything that the report is made from. */
export class Run {
  readonly system: System;
  readonly parts: Parts;
  readonly evaluator: Evaluator;
  readonly findings: Findings;
  readonly search: Search;
  readonly discovery = new Discovery();
  readonly limits: Limits;
  /** States found at each level. */
  readonly perLevel: number[] = [];
  /** The first state without a way on, in the sense of the system's deadlock mode. */
  deadlock: number | undefined;
  /** The first state from which a recoverable property's goal is out of reach, by the property's index. */
  readonly traps = new Map<number, number | undefined>();
  /** Whether every reachable state was expanded. */
  isExhaustive = false;
  readonly #options: ExploreOptions;
  readonly #recoverables: ReadonlyMap<number, number>;
  #expanded = 0;

  constructor(system: System, options: ExploreOptions) {
    const subjects = subjectsOf(system);
    this.system = system;
    this.#options = options;
    this.#recoverables = recoverables(system);
    this.limits = new Limits(options);
    this.parts = new Parts(system);
    this.evaluator = new Evaluator(system, this.parts);
    this.findings = new Findings(system.properties);
    this.search = new Search(
      this.parts,
      new Forest(subjects, this.evaluator, this.findings.over(subjects), this.#recoverables),
      this.discovery,
    );
  }

  /** Level after level, until nothing is new or a bound is hit. */
  async levels(): Promise<void> {
    const { arena } = this.search;
    while (this.#expanded < arena.length) {
      const levelEnd = arena.length;
      this.perLevel.push(levelEnd - this.#expanded);
      if (this.limits.isTooDeep(this.perLevel.length - 1)) return this.limits.hit('depth');
      await this.#level(levelEnd);
      if (this.limits.bound !== undefined) {
        if (arena.length > levelEnd) this.perLevel.push(arena.length - levelEnd);
        return;
      }
      if (this.#options.stopAtViolation === true && this.isViolated) {
        if (arena.length > levelEnd) this.perLevel.push(arena.length - levelEnd);
        return;
      }
    }
    this.isExhaustive = true;
  }

  async #level(end: number): Promise<void> {
    const { search, limits, findings } = this;
    const level = this.perLevel.length - 1;
    let expander = search.expander();
    while (this.#expanded < end) {
      if (!search.isCurrent(expander.view)) expander = search.expander();
      const from = this.#expanded;
      const reached = expander.collect(from, Math.min(from + BATCH, end), false);
      const overflow = search.commit(expander.candidates, expander.candidatesEnd, limits.room);
      this.#expanded = overflow?.parent ?? reached;
      if (overflow !== undefined) {
        expander.uncount(overflow.parent, reached);
        limits.hit(overflow.bound);
      } else if (expander.unknown.length > 0) {
        findings.state = reached;
        search.learn(reached, level);
      }
      this.#quiet(expander.quiet);
      await limits.pause(search.bytes, () => this.#progress());
      if (limits.bound !== undefined) return;
    }
  }

  /** Looks for the first deadlock among states that no call changes. */
  #quiet(states: readonly number[]): void {
    if (this.deadlock === undefined)
      this.deadlock = states.find(index => index < this.#expanded && this.#isDead(index));
  }

  /** Whether a state that no call changes is a deadlock. */
  #isDead(index: number): boolean {
    const { deadlock = 'off' } = this.system;
    if (deadlock !== 'stuck') return deadlock === 'stutter';
    const codes = this.search.arena.unpack(index, new Int32Array(this.parts.all.length));
    return this.search.forest.path(codes, 0).every(({ finished }) => finished.length === 0);
  }

  get isViolated(): boolean {
    return this.findings.isViolated || this.deadlock !== undefined;
  }

  /** The states found but not expanded are still held against the properties of states: slower, but they are few. */
  checkFrontier(): void {
    const { arena } = this.search;
    const codes = new Int32Array(this.parts.all.length);
    const instances = subjectsOf(this.system).filter(({ kind }) => kind === 'instance');
    const findings = this.findings.over(instances);
    const forest = new Forest(instances, this.evaluator, findings, this.#recoverables);
    for (let index = this.#expanded; index < arena.length; index++) {
      this.findings.state = index;
      arena.unpack(index, codes);
      if (forest.nodes.length === 0) forest.plant(codes);
      forest.path(codes, 0);
    }
  }

  /** To be asked before states are walked again for any other reason than to expand them. */
  coverage(): Coverage {
    this.#settle();
    return coverageOf(this.system, this.search.forest);
  }

  async findTraps(): Promise<void> {
    for (const [property, ordinal] of this.#recoverables) {
      const trap = await firstTrap(this.search, ordinal, () =>
        this.limits.pause(this.search.bytes, () => this.#progress()),
      );
      if (this.limits.bound !== undefined) return;
      this.traps.set(property, trap);
    }
  }

  #settle(): void {
    this.search.tables.settle();
    (this.search.forest.nodes[0] as Node).visits = this.#expanded;
  }

  #progress(): Omit<Progress, 'seconds' | 'bytes'> {
    this.#settle();
    return {
      states: this.search.arena.length,
      transitions: coverageOf(this.system, this.search.forest).transitions,
      level: this.perLevel.length - 1,
      frontier: this.search.arena.length - this.#expanded,
    };
  }
}

function subjectsOf({ actions, properties }: System): readonly Subject[] {
  return [
    ...actions.map(action => ({ kind: 'action', action }) as const),
    ...properties.flatMap((sentence, property) =>
      sentence.kind === 'step'
        ? []
        : sentence.instances.map(instance => ({ kind: 'instance', property, instance }) as const),
    ),
  ];
}

/** Numbers the recoverable properties: each has a bit of its own in the forest. */
function recoverables({ name, properties }: System): ReadonlyMap<number, number> {
  const indices = properties.flatMap(({ kind }, index) => (kind === 'recoverable' ? [index] : []));
  if (indices.length > 31) throw new RangeError(`${name} has more than 31 recoverable properties`);
  return new Map(indices.map((property, ordinal) => [property, ordinal]));
}
