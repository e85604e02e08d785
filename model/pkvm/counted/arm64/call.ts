import type { CountedOutcome } from '../outcome.ts';
import { runOperation, type RunRules } from '../run.ts';
import {
  type Arm64Arguments,
  type Arm64Call,
  arm64CallOf,
  type Arm64Unit,
  wholeCall,
} from './call-context.ts';
import type { Arm64Columns } from './columns.ts';
import type { Arm64Machine } from './machine.ts';
import type { Arm64OperationName } from './operation-names.ts';
import type { Arm64Operation } from './operations/hyp.ts';
import { arm64Operations } from './operations/index.ts';

/** What an arm64 implementation answers: its columns, what it asks and what it does. */
export interface Arm64Rules extends RunRules<Arm64Call, Arm64Unit> {
  readonly columns: Arm64Columns;
}

/** A revision as it is, with nothing wrong. */
export const arm64RulesOf = (columns: Arm64Columns): Arm64Rules => ({
  columns,
  isAsked: () => true,
  steps: (_, steps) => steps,
});

/** Whether the revision has the operation at all. */
export const hasOperation = ({ operations }: Arm64Columns, name: Arm64OperationName): boolean =>
  operations === 'all' || operations.includes(name);

/**
 * Makes one call on an arm64 machine. facts/pkvm-2026.md 2.2.
 *
 * @throws RangeError for an operation that the revision has not, or a VM that the machine has not.
 */
export function arm64Call(
  machine: Arm64Machine,
  name: Arm64OperationName,
  args: Arm64Arguments,
  rules: Arm64Rules,
): CountedOutcome {
  if (!hasOperation(rules.columns, name)) throw new RangeError(`this revision has no ${name}`);
  const operation: Arm64Operation = arm64Operations[name];
  const call = arm64CallOf(machine, rules.columns, args);
  if (operation.takes.includes('vm') && machine.vm(call.vm) === undefined)
    throw new RangeError(`${name}: there is no VM ${call.vm}`);
  return runOperation(operation, call, wholeCall(call), rules);
}
