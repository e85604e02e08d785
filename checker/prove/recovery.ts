import type { Action, Instance } from '../system/system.ts';
import type { Cases } from './cases.ts';
import { Rank } from './rank.ts';
import type { Refuter } from './refuter.ts';
import { type LocalStep, Question } from './runner.ts';
import type { Atom } from './atom.ts';

/** States that calls lead to within one context, before more of the context is asked for. */
const MAX_STATES = 2000;
/** Slots and witnesses that are added to a context before it is given up. */
const MAX_ADDED = 14;

/** The state of a context before any call. */
const nothingYet = (action: Action): LocalStep => ({
  action,
  result: 0,
  reads: new Set(),
  writes: new Map(),
  loops: new Set(),
  looped: new Set(),
});

/**
 * Finds, for every context that the candidate allows, calls that lead to where a sentence holds, or that make a rank
 * smaller. Which calls may depend on the context, and on nothing else: they touch no slot outside it.
 */
export class Recovery {
  /** A context that no calls were found for. */
  stuck: readonly Atom[] | undefined;
  /** Contexts in which calls were found. */
  found = 0;
  /** The number of runs at which it is enough. */
  #limit = Infinity;
  readonly #cases: Cases;
  readonly #refuter: Refuter;
  readonly #instance: Instance;
  readonly #rank: Rank;
  readonly #calls: readonly { readonly action: Action; readonly names: readonly number[] }[];

  constructor(cases: Cases, refuter: Refuter, instance: Instance) {
    this.#cases = cases;
    this.#refuter = refuter;
    this.#instance = instance;
    this.#rank = new Rank(cases.context);
    const { space } = cases.context;
    this.#calls = space.system.actions.map((action, at) => ({
      action,
      names: space.membersNamed(space.actionShape(at), action.name),
    }));
  }

  /** Whether every context has its calls; where that takes more runs than this, it is not known. */
  isProven(runs: number): boolean {
    this.#limit = this.#cases.runner.runs + runs;
    return this.#isEverywhere(0);
  }

  /** Whether every context that extends the present one has its calls. */
  #isEverywhere(added: number): boolean {
    if (this.#refuter.isImpossible()) return true;
    const [wanting] = this.#refuter.wanting();
    if (wanting !== undefined && added < MAX_ADDED)
      return this.#refuter.witnessesFor(wanting.atom, wanting.obligation).every(atom => {
        const { context } = this.#cases;
        context.push(atom);
        const isFound = this.#isEverywhere(added + 1);
        context.pop();
        return isFound;
      });
    const reached = this.#cases.runner.runs > this.#limit ? undefined : this.#reach();
    if (reached === true) {
      this.found++;
      return true;
    }
    const question = added < MAX_ADDED ? reached : undefined;
    if (question === undefined) {
      this.stuck ??= [...this.#cases.context.atoms];
      return false;
    }
    let isFound = true;
    this.#rank.add(question);
    this.#cases.answer(question, () => {
      isFound &&= this.#isEverywhere(added + 1);
    });
    return isFound;
  }

  /** Takes calls within the present context. `true` where they lead to the goal; or what has to be known of it first. */
  #reach(): Question | true | undefined {
    const { context } = this.#cases;
    const others = context.space.membersOf.flatMap((_, sort) =>
      context.named(sort).length > 0 ? [] : (context.fresh(sort) ?? []),
    );
    context.name(others);
    try {
      return this.#search();
    } finally {
      context.forget(others);
    }
  }

  #search(): Question | true | undefined {
    const { context } = this.#cases;
    const calls = this.#calls.filter(({ names }) => names.every(name => context.isNamed(name)));
    const [first] = this.#calls;
    if (first === undefined) return undefined;
    const start = nothingYet(first.action);
    const states = [start];
    const known = new Set(['']);
    const questions: Question[] = [];
    const goal = this.#isGoal(undefined);
    if (goal !== false) return goal;
    for (
      let at = 0;
      at < states.length && states.length < MAX_STATES && this.#cases.runner.runs <= this.#limit;
      at++
    ) {
      for (const { action } of calls) {
        const step = this.#try(() => this.#cases.runner.call(action, states[at]));
        if (step instanceof Question) questions.push(step);
        if (step === undefined || step instanceof Question) continue;
        const key = keyOf(step, this.#cases);
        if (known.has(key)) continue;
        known.add(key);
        states.push(step);
        if (this.#rank.isSmaller(step)) return true;
        const there = this.#isGoal(step);
        if (there === true) return true;
        if (there instanceof Question) questions.push(there);
      }
    }
    return this.#mostTelling(questions);
  }

  #isGoal(step: LocalStep | undefined): Question | boolean {
    const { holds, about } = this.#instance;
    return (
      this.#try(() =>
        this.#cases.runner.ask(about, step, (before, after) => {
          const verdict = holds(step === undefined ? before : after);
          return typeof verdict === 'boolean' ? verdict : verdict.holds;
        }),
      ) ?? false
    );
  }

  /** Runs code; what reads of a member that nothing names leads nowhere. */
  #try<T>(code: () => T): T | Question | undefined {
    const { strays } = this.#cases.runner;
    strays.clear();
    try {
      const answer = code();
      return strays.size > 0 ? undefined : answer;
    } catch (thrown) {
      if (!(thrown instanceof Question)) throw thrown;
      return strays.size > 0 ? undefined : thrown;
    } finally {
      strays.clear();
    }
  }

  /** The question with the fewest answers, the first of them. */
  #mostTelling(questions: readonly Question[]): Question | undefined {
    const { context } = this.#cases;
    let [best, fewest]: [Question | undefined, number] = [undefined, Infinity];
    const asked = new Set<number>();
    for (const question of questions) {
      if (!('slot' in question.asked)) {
        best ??= question;
        continue;
      }
      const { slot } = question.asked;
      if (asked.has(slot)) continue;
      asked.add(slot);
      const answers = context.values(slot).length;
      if (answers < fewest) [best, fewest] = [question, answers];
    }
    return best;
  }
}

/** A state by what calls changed of the context. */
function keyOf({ writes }: LocalStep, { context }: Cases): string {
  return [...writes]
    .filter(([slot, value]) => context.at(slot)?.value !== value)
    .map(([slot, value]) => `${slot}=${value}`)
    .sort()
    .join();
}
