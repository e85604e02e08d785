import type { Always, Instance, Recoverable, StepProperty, Twin, Verdict } from '../system/system.ts';
import { Cases } from './cases.ts';
import { Recovery } from './recovery.ts';
import type { Refuter } from './refuter.ts';
import { changedBy, type LocalStep, Runner } from './runner.ts';
import type { Atom } from './atom.ts';

/** A case in which a sentence is false and nothing shows that it is no part of a state. */
export interface Doubt {
  readonly about: string;
  readonly why: string;
  readonly before: readonly Atom[];
  /** The step, where the sentence is about steps. */
  readonly step?: LocalStep;
}

/** What became of one sentence. */
export interface Held {
  /** Contexts in which it was asked. */
  cases: number;
  /** Whether a context needed one more member of a sort than the instance has. */
  isShort: boolean;
  doubt?: Doubt;
}

/** What can be asked: of states, of what can be reached from them, of steps, or of steps as the protocol sees them. */
export type Asked = Always | Recoverable | StepProperty | Twin;

/** Contexts that one instance of a sentence may take. */
const MAX_CONTEXTS = 20_000;
/** Calls that one instance of what can be reached again may be tried with. */
const MAX_CALLS = 30_000;
const TOO_MANY = 'there are too many cases: it looks at more members at once than can be gone through';

const NO_CALLS = 'no calls were found that lead there, and none that lead nearer';

/** One case in which a sentence is false is enough. */
class Enough extends Error {}

/** Holds sentences against every context that the candidate allows. */
export class Sentences {
  readonly held = new Map<Asked, Held>();
  /** Whether the candidate was strengthened to make one follow. */
  changed = false;
  readonly #refuter: Refuter;

  constructor(refuter: Refuter) {
    this.#refuter = refuter;
  }

  /** Forgets what was found about a sentence, before it is asked again. */
  begin(sentence: Asked): void {
    this.held.set(sentence, { cases: 0, isShort: false });
  }

  /** A sentence about states: all its instances, in all contexts that they can tell apart. */
  always(sentence: Always, cases: Cases): void {
    this.begin(sentence);
    for (const instance of sentence.instances)
      if (this.held.get(sentence)?.doubt === undefined)
        this.#bounded(sentence, cases, () => this.#instance(sentence, instance, cases));
  }

  /** Asks as long as there is no doubt, and not for ever. */
  #bounded(sentence: Asked, cases: Cases, ask: () => void): void {
    const held = this.held.get(sentence) ?? { cases: 0, isShort: false };
    this.held.set(sentence, held);
    const isShort = cases.context.isShortIn(() => {
      try {
        if (!cases.within(MAX_CONTEXTS, ask)) held.doubt = { about: '', why: TOO_MANY, before: [] };
      } catch (thrown) {
        if (!(thrown instanceof Enough)) throw thrown;
      }
    });
    held.isShort ||= isShort;
  }

  #instance(sentence: Always, instance: Instance, cases: Cases): void {
    const { runner } = cases;
    cases.each(
      () => runner.ask(sentence.name, undefined, before => whyNot(instance.holds(before))),
      why => this.#hear(sentence, why, cases, { about: instance.about }),
    );
  }

  /** A sentence about what can be reached: calls that lead there, from every context. */
  recoverable(sentence: Recoverable, cases: Cases): void {
    this.begin(sentence);
    const own = new Cases(new Runner(cases.context));
    for (const instance of sentence.instances) {
      const held = this.held.get(sentence) ?? { cases: 0, isShort: false };
      if (held.doubt !== undefined) return;
      const recovery = new Recovery(own, this.#refuter, instance);
      let isProven = false;
      const isShort = cases.context.isShortIn(() => {
        isProven = recovery.isProven(MAX_CALLS);
      });
      held.isShort ||= isShort;
      held.cases += recovery.found;
      if (!isProven) held.doubt = { about: instance.about, why: NO_CALLS, before: recovery.stuck ?? [] };
    }
  }

  /** A sentence about steps, on a local step. */
  step(sentence: StepProperty | Twin, taken: LocalStep, cases: Cases): void {
    if (this.held.get(sentence)?.doubt !== undefined) return;
    const { runner, context } = cases;
    const ask = (): string | undefined => {
      const { action, result, ...now } = cases.again(taken);
      const changed = changedBy(now, context).flatMap(({ slot }) => context.space.slots[slot] ?? []);
      return runner.ask(sentence.name, { action, result, ...now }, (before, after) => {
        const step = { action, result, before, after, changed };
        return 'holds' in sentence ? whyNot(sentence.holds(step)) : sentence.disagrees(step);
      });
    };
    this.#bounded(sentence, cases, () =>
      cases.each(ask, why => this.#hear(sentence, why, cases, { about: '', step: taken })),
    );
  }

  #hear(
    sentence: Asked,
    why: string | undefined,
    { context }: Cases,
    where: { readonly about: string; readonly step?: LocalStep },
  ): void {
    const held = this.held.get(sentence) ?? { cases: 0, isShort: false };
    this.held.set(sentence, held);
    held.cases++;
    if (why === undefined || held.doubt !== undefined || this.#refuter.isImpossible()) return;
    if (this.#refuter.exclude()) this.changed = true;
    else {
      held.doubt = { ...where, why, before: [...context.atoms] };
      throw new Enough();
    }
  }
}

function whyNot(verdict: boolean | Verdict): string | undefined {
  if (typeof verdict === 'boolean') return verdict ? undefined : '';
  return verdict.holds ? undefined : verdict.why;
}
