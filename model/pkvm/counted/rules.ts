import type { Call, Unit } from './call-context.ts';
import type { Columns } from './columns.ts';
import type { RunRules } from './run.ts';

/**
 * What an implementation answers where calls are made: the columns of its revision, whether a check is asked, and
 * which steps are done in which order. The specification asks every check and does every step; a fault changes one
 * answer.
 */
export interface CountedRules extends RunRules<Call, Unit> {
  readonly columns: Columns;
}

/** A revision as it is, with nothing wrong. */
export const rulesOf = (columns: Columns): CountedRules => ({
  columns,
  isAsked: () => true,
  steps: (_, steps) => steps,
});
