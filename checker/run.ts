import { allocate, allocateShared } from './compile/words.ts';
import { Evaluator } from './learn/evaluate.ts';
import { Forest, type Node } from './learn/forest.ts';
import { Groups } from './learn/groups.ts';
import { recoverables, subjectsOf } from './learn/subjects.ts';
import type { ExploreOptions } from './options.ts';
import { type Coverage, coverageOf } from './report/coverage.ts';
import { Findings } from './report/findings.ts';
import type { Results } from './report/report.ts';
import { Autosave } from './saving/autosave.ts';
import {
  type Checkpoint,
  CheckpointRefused,
  contradictionIn,
  encodeGroups,
  namesOf,
  restoreGroups,
} from './saving/snapshot.ts';
import { Frontier } from './search/frontier.ts';
import { Limits, type Progress } from './search/limits.ts';
import { Parents } from './search/parents.ts';
import { firstTrap } from './search/recover.ts';
import { Search } from './search/search.ts';
import { SymmetryCheck } from './symmetry/check.ts';
import { SymmetryRefused } from './symmetry/orbits.ts';
import type { System } from './system/system.ts';

/** Levels smaller than this are expanded by one thread: waking others would take longer. */
const WORTH_SHARING = 4096;

/** A run under way: levels are searched, then what they leave open is decided. */
export class Run implements Results {
  readonly system: System;
  readonly groups: Groups;
  readonly evaluator: Evaluator;
  readonly findings: Findings;
  readonly search: Search;
  readonly parents: Parents;
  readonly limits: Limits;
  /** States found at each level. */
  readonly perLevel: number[] = [];
  /** The first state from which a recoverable property's goal is out of reach, by the property's index. */
  readonly traps = new Map<number, number | undefined>();
  /** Whether every reachable state was expanded. */
  isExhaustive = false;
  readonly #options: ExploreOptions;
  readonly #learnsAll: boolean;
  readonly #recoverables: ReadonlyMap<number, number>;
  readonly #frontier: Frontier;
  readonly #autosave: Autosave;

  /** @param learnsAll also what is of no more use to the run itself: sentences whose first state was found */
  constructor(system: System, options: ExploreOptions, learnsAll = false) {
    const subjects = subjectsOf(system);
    this.system = system;
    this.#options = options;
    this.#learnsAll = learnsAll;
    this.#recoverables = recoverables(system);
    this.limits = new Limits(options);
    this.groups = new Groups(system);
    this.#autosave = new Autosave(options.save);
    const { resume } = options;
    if (resume !== undefined) {
      if (resume.snapshot.system !== namesOf(system))
        throw new CheckpointRefused('it is of another system or another size');
      restoreGroups(this.groups.all, resume.snapshot.groups);
    }
    this.parents = new Parents(resume?.snapshot.known);
    this.evaluator = new Evaluator(system, this.groups);
    this.findings = new Findings(system.properties);
    this.search = new Search(
      this.groups,
      new Forest(subjects, this.evaluator, this.findings.over(subjects), this.#recoverables),
      this.parents,
      options.pool === undefined ? allocate : allocateShared,
      symmetryOf(system, this.groups, options),
    );
    this.#frontier = new Frontier(
      this.search,
      this.limits,
      (index, level) => this.#learn(index, level),
      index => this.#isDead(index),
      () => this.#pause(),
    );
    if (resume !== undefined) this.#resume(resume);
  }

  get saveFailure(): string | undefined {
    return this.#autosave.failure;
  }

  /** The first state without a way on, in the sense of the system's deadlock mode. */
  get deadlock(): number | undefined {
    return this.#frontier.deadlock;
  }

  /** Level after level, until nothing is new or a bound is hit. */
  async levels(): Promise<void> {
    const { states } = this.search;
    const { pool } = this.#options;
    const frontier = this.#frontier;
    for (let end = sum(this.perLevel); ;) {
      if (frontier.expanded === end) {
        if (states.length === end) break;
        if (end > 0) await this.#autosave.atBoundary(() => this.#checkpoint());
        this.perLevel.push(states.length - end);
        end = states.length;
      }
      const level = this.perLevel.length - 1;
      if (this.limits.isTooDeep(level)) this.limits.hit('depth');
      else if (pool === undefined || end - frontier.expanded < WORTH_SHARING)
        await frontier.advance(end, level);
      else await frontier.advanceWith(pool, end, level);
      const isOver = this.limits.bound !== undefined || (await this.#isSettled());
      if (!isOver) continue;
      await this.#autosave.atEnd(() => this.#checkpoint());
      if (states.length > end) this.perLevel.push(states.length - end);
      return;
    }
    this.isExhaustive = true;
  }

  #checkpoint(): Checkpoint {
    this.#settle();
    const { forest, states, learned } = this.search;
    const snapshot = {
      system: namesOf(this.system),
      behaviour: forest.behaviour,
      perLevel: [...this.perLevel],
      expanded: this.#frontier.expanded,
      deadlock: this.deadlock ?? null,
      groups: encodeGroups(this.groups.all),
      learned,
      known: this.parents.marks,
      ...forest.counts,
      states: states.length,
      words: states.packing.words,
    };
    return { snapshot, rows: states.rows };
  }

  /** Goes back to where a checkpoint was made. The forest grows again from the states that it was learned from. */
  #resume({ snapshot, rows }: Checkpoint): void {
    const { search } = this;
    const contradiction = contradictionIn({ snapshot, rows }, search.states.packing.words);
    if (contradiction !== undefined) throw new CheckpointRefused(`it contradicts itself: ${contradiction}`);
    this.perLevel.push(...snapshot.perLevel);
    this.#frontier.expanded = snapshot.expanded;
    this.#frontier.deadlock = snapshot.deadlock ?? undefined;
    search.restore(rows, snapshot.learned, index => this.#learn(index, levelOf(index, snapshot.perLevel)));
    if (search.forest.behaviour !== snapshot.behaviour || search.states.length !== snapshot.states)
      throw new CheckpointRefused('it is of a system that does something else');
    search.forest.restoreCounts(snapshot.visits, snapshot.fresh);
    search.tables.restore();
  }

  #learn(index: number, level: number): void {
    this.findings.state = index;
    this.search.learn(index, level);
    if (!this.#learnsAll) this.search.close(this.findings.settled);
  }

  /** Whether a state that no call changes is a deadlock. */
  #isDead(index: number): boolean {
    const { deadlock = 'off' } = this.system;
    if (deadlock !== 'stuck') return deadlock === 'stutter';
    const codes = this.search.states.unpack(index, new Int32Array(this.groups.all.length));
    return this.search.forest.path(codes, 0).every(({ finished }) => finished.length === 0);
  }

  /** Whether the caller wants no more of a run that has come to so much. */
  async #isSettled(): Promise<boolean> {
    const { stopAtViolation = false, stopAtShortest = false } = this.#options;
    if (stopAtViolation && (this.findings.isViolated || this.deadlock !== undefined)) return true;
    return stopAtShortest && this.#hasShortest();
  }

  /** Whether a property is violated and no counterexample of another one can be shorter. */
  async #hasShortest(): Promise<boolean> {
    const { violations } = this.findings;
    if (violations.length === 0) return false;
    const lengths = violations.map(
      ({ state, call }) => levelOf(state, this.perLevel) + (call === undefined ? 0 : 1),
    );
    this.#settle();
    for (const ordinal of this.#recoverables.values()) {
      const trap = await this.#firstTrap(ordinal);
      if (trap !== undefined && levelOf(trap, this.perLevel) < Math.min(...lengths)) return false;
    }
    return true;
  }

  #firstTrap(ordinal: number): Promise<number | undefined> {
    return firstTrap(this.search, ordinal, this.#frontier.expanded, () => this.#pause());
  }

  /** The states found but not expanded are still held against the properties of states: slower, but they are few. */
  checkFrontier(): void {
    const { states } = this.search;
    const codes = new Int32Array(this.groups.all.length);
    const instances = subjectsOf(this.system).filter(({ kind }) => kind === 'instance');
    const findings = this.findings.over(instances);
    const forest = new Forest(instances, this.evaluator, findings, this.#recoverables);
    for (let index = this.#frontier.expanded; index < states.length; index++) {
      this.findings.state = index;
      states.unpack(index, codes);
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
      const trap = await this.#firstTrap(ordinal);
      if (this.limits.bound !== undefined) return;
      this.traps.set(property, trap);
    }
  }

  #pause(): Promise<void> {
    return this.limits.pause(this.search.bytes, () => this.#progress());
  }

  #settle(): void {
    this.search.tables.settle();
    (this.search.forest.nodes[0] as Node).visits = this.#frontier.expanded;
  }

  #progress(): Omit<Progress, 'seconds' | 'bytes'> {
    this.#settle();
    return {
      states: this.search.states.length,
      transitions: coverageOf(this.system, this.search.forest).transitions,
      level: this.perLevel.length - 1,
      frontier: this.search.states.length - this.#frontier.expanded,
    };
  }
}

/** @throws SymmetryRefused where orbits are asked for and the system is not so symmetric */
function symmetryOf(
  system: System,
  groups: Groups,
  { symmetry = false, save, resume }: ExploreOptions,
): SymmetryCheck | undefined {
  if (!symmetry) return undefined;
  if ((save ?? resume) !== undefined)
    throw new SymmetryRefused('a run over orbits cannot be saved or resumed');
  if ((system.symmetries ?? []).length === 0)
    throw new SymmetryRefused(`${system.name} declares no symmetry at this size and with these calls`);
  return new SymmetryCheck(system, groups);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The level of a state, from how many states each has. */
function levelOf(index: number, perLevel: readonly number[]): number {
  let end = 0;
  return perLevel.findIndex(states => index < (end += states));
}
