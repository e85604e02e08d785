import { type Call, callOf, type CountedArguments, type Unit, wholeRange } from './call-context.ts';
import type { CountedMachine } from './machine.ts';
import type { CountedOperationName, Operation } from './operation.ts';
import { countedOperations } from './operations/index.ts';
import type { CountedOutcome } from './outcome.ts';
import type { CountedRules } from './rules.ts';
import { runOperation } from './run.ts';

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
  const operation: Operation<Call, Unit> = countedOperations[name];
  const call = callOf(machine, rules.columns, args);
  if (operation.takes.includes('vm') && machine.vm(call.vm) === undefined)
    throw new RangeError(`${name}: there is no VM ${call.vm}`);
  return runOperation(operation, call, wholeRange(call), rules);
}
