import type { CheckInfo, Failure, Inquiry } from './check.ts';
import { type Effects, noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { BUG, type CountedOutcome, type CountedResult } from './outcome.ts';
import type { Step } from './step.ts';

/** What an implementation asks and does, operation by operation: everything, or what a fault leaves of it. */
export interface RunRules<C, U> {
  isAsked(operation: string, check: CheckInfo): boolean;
  /** The steps of one part of a call, in their order. */
  steps(operation: string, steps: readonly Step<C, U>[], call: C): readonly Step<C, U>[];
}

/** One call under way. */
interface Made<C, U> {
  readonly operation: Operation<C, U, never>;
  readonly call: C;
  readonly rules: RunRules<C, U>;
  readonly effects: Effects;
}

function ask<C, U>(
  { operation, call, rules }: Made<C, U>,
  inquiries: readonly Inquiry<C, U>[],
  unit: U,
): Failure | undefined {
  for (const inquiry of inquiries) {
    const failure = inquiry.firstFailure(call, unit, check => rules.isAsked(operation.name, check));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function perform<C, U>(
  { operation, call, rules, effects }: Made<C, U>,
  steps: readonly Step<C, U>[],
  unit: U,
): Failure | undefined {
  for (const step of rules.steps(operation.name, steps, call)) {
    const failed = step.run(unit, call, effects);
    if (failed !== undefined) return { ...failed, rule: step.name, warns: false };
  }
  return undefined;
}

function applyUnits<C, U>(made: Made<C, U>, units: Iterable<U>): Failure | undefined {
  const { operation, call } = made;
  const inquiries = operation.unitInquiries?.(call) ?? [];
  const steps = operation.steps(call);
  for (const unit of units) {
    const failure = ask(made, inquiries, unit) ?? perform(made, steps, unit);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function applyAll<C, U>(made: Made<C, U>, whole: U): Failure | undefined {
  const { operation, call } = made;
  const failure = applyUnits(made, operation.units?.(call) ?? [whole]);
  if (failure === undefined) return perform(made, operation.last ?? [], whole);
  const undo = failure.answer === BUG ? undefined : operation.undo?.(call);
  if (undo === undefined) return failure;
  for (const unit of operation.units?.(call) ?? []) {
    const failed = perform(made, undo, unit);
    if (failed !== undefined) return { ...failed, answer: BUG };
  }
  return failure;
}

function resultOf<C, U>({ operation, effects }: Made<C, U>, failure: Failure | undefined): CountedResult {
  if (failure?.answer === BUG) return BUG;
  if (operation.returns === 'nothing') return null;
  return failure === undefined || failure.answer === 'nothing' ? effects.result : failure.answer;
}

function outcomeOf<C, U>(made: Made<C, U>, failure: Failure | undefined): CountedOutcome {
  const { operation, effects } = made;
  const { flushes, wipes, firmware, warnings } = effects;
  return {
    result: resultOf(made, failure),
    rule: failure === undefined ? 'complete' : failure.rule,
    why: failure?.why ?? 'every check holds',
    flushes,
    wipes,
    warnings: warnings + (failure?.warns === true ? 1 : 0),
    ...(failure?.needMemcache === undefined ? {} : { needMemcache: failure.needMemcache }),
    ...(failure?.answer === BUG ? { bugIn: failure.bugIn ?? operation.bugIn } : {}),
    ...(firmware.length === 0 ? {} : { firmware }),
  };
}

/** Asks all that an operation asks, then does all that it does, part by part; `whole` is the call as one part. */
export function runOperation<C, U>(
  operation: Operation<C, U, never>,
  call: C,
  whole: U,
  rules: RunRules<C, U>,
): CountedOutcome {
  const made: Made<C, U> = { operation, call, rules, effects: noEffects() };
  const { asks = [], does = [] } = operation.early ?? {};
  const failure =
    ask(made, asks, whole) ??
    perform(made, does, whole) ??
    ask(made, operation.inquiries(call), whole) ??
    applyAll(made, whole);
  return outcomeOf(made, failure);
}
