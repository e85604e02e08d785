import type { Context } from './context.ts';
import { Question, type Runner, type LocalStep } from './runner.ts';
import type { Action } from '../system/system.ts';
import type { Atom } from './atom.ts';

/** Where a proof has taken more contexts than it may. */
class TooManyContexts extends Error {}

/** Goes through all cases of a piece of real code: every context that it can tell apart. */
export class Cases {
  readonly context: Context;
  readonly runner: Runner;
  /** Contexts met so far. */
  count = 0;
  /** The count at which it is enough. */
  #limit = Infinity;

  constructor(runner: Runner) {
    this.context = runner.context;
    this.runner = runner;
  }

  /** Does something that may take so many contexts and no more. Whether that was enough. */
  within(contexts: number, work: () => void): boolean {
    const outer = this.#limit;
    const back = this.context.mark();
    this.#limit = Math.min(outer, this.count + contexts);
    try {
      work();
      return true;
    } catch (thrown) {
      back();
      if (!(thrown instanceof TooManyContexts)) throw thrown;
      return false;
    } finally {
      this.#limit = outer;
    }
  }

  /** Runs the code in every context that extends the present one, and hands on what it says there. */
  each<T>(code: () => T, then: (answer: T) => void): void {
    if (++this.count > this.#limit) throw new TooManyContexts();
    let answer: T;
    try {
      answer = code();
    } catch (thrown) {
      if (!(thrown instanceof Question)) throw thrown;
      this.answer(thrown, () => this.each(code, then));
      return;
    }
    then(answer);
  }

  /** The call in every context: with all slots that it writes in it. */
  call(action: Action, then: (step: LocalStep) => void): void {
    this.each(
      () => {
        const step = this.runner.call(action);
        for (const slot of step?.writes.keys() ?? [])
          if (this.context.at(slot) === undefined) throw new Question({ slot });
        return step;
      },
      step => step !== undefined && then(step),
    );
  }

  /** The step as it is in the present context, where a loop may write more than it did. Asks as real code does. */
  again(step: LocalStep): LocalStep {
    if (step.loops.size === 0) return step;
    const taken = this.runner.call(step.action);
    for (const slot of taken?.writes.keys() ?? [])
      if (this.context.at(slot) === undefined) throw new Question({ slot });
    return taken ?? step;
  }

  /** Adds a slot to the context of a step. Where the call loops, there may be more that it writes now. */
  beside(step: LocalStep, atom: Atom, then: (step: LocalStep) => void): void {
    this.context.push(atom);
    if (step.loops.size > 0) this.call(step.action, then);
    else {
      if (++this.count > this.#limit) throw new TooManyContexts();
      then(step);
    }
    this.context.pop();
  }

  /** Goes through the answers to a question: all contexts that say more than the present one. */
  answer({ asked }: Question, next: () => void): void {
    const { context } = this;
    const take = (atom: Atom): void => {
      context.push(atom);
      next();
      context.pop();
    };
    if ('slot' in asked) {
      context.values(asked.slot).forEach(take);
      return;
    }
    if ('choose' in asked) {
      this.#choose(asked.choose, next);
      return;
    }
    const more = context.outside(asked.slots).flatMap(slot => {
      const values = context.values(slot).filter(({ value }) => Boolean(asked.lens(value)));
      return values.length === 0 ? [] : [{ slot, values }];
    });
    const without = (slots: ReadonlySet<number>, then: () => void): void => {
      context.absences.push({ slots, lens: asked.lens });
      then();
      context.absences.pop();
    };
    without(asked.slots, next);
    // the first of them that is seen: those before it are not, so that no set of slots comes twice
    more.forEach(({ values }, at) =>
      without(new Set(more.slice(0, at).map(({ slot }) => slot)), () => values.forEach(take)),
    );
  }

  /** One item after the other, up to renaming. */
  #choose(slots: readonly number[], next: () => void): void {
    const { context } = this;
    slots.forEach((slot, at) => {
      if (!context.isNext(slot)) return;
      const names = context.space.slotNames[slot] ?? [];
      context.name(names);
      context.chosen.push(at);
      next();
      context.chosen.pop();
      context.forget(names);
    });
  }
}
