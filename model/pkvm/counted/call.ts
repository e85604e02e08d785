import {
  type Call,
  callOf,
  type CountedArguments,
  type Effects,
  type Unit,
  wholeRange,
} from './call-context.ts';
import type { Failure, Inquiry } from './check.ts';
import type { CountedMachine } from './machine.ts';
import type { CountedOperationName, Operation } from './operation.ts';
import { countedOperations } from './operations/index.ts';
import { BUG, type CountedOutcome, type CountedResult } from './outcome.ts';
import type { CountedRules } from './rules.ts';
import type { Step } from './step.ts';

/** One call under way. */
interface Made {
  readonly name: CountedOperationName;
  readonly operation: Operation;
  readonly call: Call;
  readonly rules: CountedRules;
  readonly effects: Effects;
}

function ask({ name, call, rules }: Made, inquiries: readonly Inquiry[], unit: Unit): Failure | undefined {
  for (const inquiry of inquiries) {
    const failure = inquiry.firstFailure(call, unit, check => rules.isAsked(name, check));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function perform({ call, effects }: Made, steps: readonly Step[], unit: Unit): Failure | undefined {
  for (const step of steps) {
    const failed = step.run(unit, call, effects);
    if (failed !== undefined) return { ...failed, rule: step.name, warns: false };
  }
  return undefined;
}

function applyUnits(made: Made, units: Iterable<Unit>): Failure | undefined {
  const { name, operation, call, rules } = made;
  const inquiries = operation.unitInquiries?.(call) ?? [];
  const steps = rules.steps(name, operation.steps(call), call);
  for (const unit of units) {
    const failure = ask(made, inquiries, unit) ?? perform(made, steps, unit);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function applyAll(made: Made): Failure | undefined {
  const { operation, call } = made;
  const failure = applyUnits(made, operation.units?.(call) ?? [wholeRange(call)]);
  if (failure === undefined) return perform(made, operation.last ?? [], wholeRange(call));
  const undo = failure.answer === BUG ? undefined : operation.undo?.(call);
  if (undo === undefined) return failure;
  for (const unit of operation.units?.(call) ?? []) {
    const failed = perform(made, undo, unit);
    if (failed !== undefined) return { ...failed, answer: BUG };
  }
  return failure;
}

function resultOf({ operation, effects }: Made, failure: Failure | undefined): CountedResult {
  if (failure?.answer === BUG) return BUG;
  if (operation.returns === 'nothing') return null;
  return failure === undefined || failure.answer === 'nothing' ? effects.result : failure.answer;
}

function outcomeOf(made: Made, failure: Failure | undefined): CountedOutcome {
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

/**
 * Makes one call: asks, then changes the machine step by step, and tells what came out. A call that is refused by a
 * check has changed nothing; one that fails in a step has changed what its steps did until then. Addresses and sizes
 * are unsigned 64-bit numbers. facts/pkvm-2026.md 1.3.
 *
 * @throws RangeError for a VM that the machine does not have: a caller's mistake, not an answer of the API.
 */
export function countedCall(
  machine: CountedMachine,
  name: CountedOperationName,
  args: CountedArguments,
  rules: CountedRules,
): CountedOutcome {
  const operation = rules.operation(name, countedOperations[name]);
  const call = callOf(machine, rules.columns, args);
  if (operation.takes.includes('vm') && machine.vm(call.vm) === undefined)
    throw new RangeError(`${name}: there is no VM ${call.vm}`);
  const effects: Effects = { flushes: [], wipes: [], firmware: [], warnings: 0, result: 0 };
  const made: Made = { name, operation, call, rules, effects };
  const unit = wholeRange(call);
  const { asks = [], does = [] } = operation.early ?? {};
  const failure =
    ask(made, asks, unit) ??
    perform(made, does, unit) ??
    ask(made, operation.inquiries(call), unit) ??
    applyAll(made);
  return outcomeOf(made, failure);
}
