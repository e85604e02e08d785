import type { Call, Unit } from './call-context.ts';
import type { Answer } from './check.ts';
import type { Effects } from './effects.ts';
import type { Change } from './leaf-table.ts';

/** One change that an operation makes, in its place in the order. */
export interface Step<C = Call, U = Unit> {
  /** What is changed how: `host.unmap`, `record.owned`. Unique in its operation. */
  readonly name: string;
  /** What it does, as a sentence. */
  readonly about: string;
  /** How the call ends where the step cannot be done; what was done until then stays. */
  run(unit: U, call: C, effects: Effects): StepFailure | undefined;
}

export interface StepFailure {
  readonly answer: Answer;
  readonly why: string;
  readonly bugIn?: string;
}

/** Reports the flush that a change of a table makes, and fails with `answer` where a table page was missing. */
export function settled(
  change: Change,
  flush: Effects['flushes'][number],
  effects: Effects,
  answer: Answer,
): StepFailure | undefined {
  if (change.flushes) effects.flushes.push(flush);
  return change.isDone ? undefined : { answer, why: 'no page can be had for a table' };
}
