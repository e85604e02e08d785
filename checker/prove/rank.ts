import type { Value } from '../system/system.ts';
import type { Context } from './context.ts';
import type { LocalStep, Question } from './runner.ts';

/** How many of some slots a lens sees as true: a number that calls can bring down to none. */
interface Count {
  readonly slots: ReadonlySet<number>;
  readonly lens: (value: Value) => Value;
}

/**
 * Counts of members, the first one weighing most, found where a loop asks whether there are any left. Whoever makes a
 * rank smaller by a few calls from wherever it is, and has its goal where it can be made no smaller, gets there: in any
 * size there are finitely many members.
 */
export class Rank {
  readonly #counts: Count[] = [];
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Counts what a loop asked for, after all that was counted before. */
  add({ asked }: Question): void {
    if (!('lens' in asked) || this.#counts.some(({ lens }) => lens === asked.lens)) return;
    this.#counts.push(asked);
  }

  /** Whether the calls made one count smaller, and none greater that weighs more. */
  isSmaller(step: LocalStep): boolean {
    for (const count of this.#counts) {
      const change = this.#changeOf(count, step);
      if (change !== 0) return change < 0;
    }
    return false;
  }

  /** By how much a count went up or down at most; up, where that is not known. */
  #changeOf({ slots, lens }: Count, { writes, looped }: LocalStep): number {
    const { space } = this.#context;
    if ([...slots].some(slot => looped.has(space.classOf[slot] ?? 0))) return Infinity;
    let change = 0;
    for (const [slot, value] of writes) {
      if (!slots.has(slot)) continue;
      const before = this.#context.at(slot);
      if (before === undefined) return Infinity;
      change += Number(Boolean(lens(value))) - Number(Boolean(lens(before.value)));
    }
    return change;
  }
}
