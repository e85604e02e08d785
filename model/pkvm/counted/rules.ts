import type { Call } from './call-context.ts';
import type { CheckInfo } from './check.ts';
import type { Columns } from './columns.ts';
import type { CountedOperationName, Operation } from './operation.ts';
import type { Step } from './step.ts';

/**
 * What an implementation answers where calls are made: the column of its revision, whether a check is asked, and
 * which steps are done in which order. The specification asks every check and does every step; faults change one answer.
 */
export interface CountedRules {
  readonly columns: Columns;
  isAsked(operation: CountedOperationName, check: CheckInfo): boolean;
  /** The steps of one part of a call. */
  steps(operation: CountedOperationName, steps: readonly Step[], call: Call): readonly Step[];
  /** What is asked and done by an operation, whole. */
  operation(name: CountedOperationName, operation: Operation): Operation;
}

/** A revision as it is, with nothing wrong. */
export const rulesOf = (columns: Columns): CountedRules => ({
  columns,
  isAsked: () => true,
  steps: (_, steps) => steps,
  operation: (_, operation) => operation,
});
