import type { Word } from '../bits/index.ts';
import { refusedBy } from './arguments.ts';
import type { PageOfCall } from './check.ts';
import type { CallArguments, OperationName } from './operations.ts';
import type { CallOutcome } from './result.ts';
import type { CallRules, Request } from './rules.ts';
import { specified } from './specified.ts';
import type { PkvmTables } from './tables.ts';

/**
 * One call of the page-state API over the leaf words that `tables` shows. Pure: the writes are returned, not done.
 *
 * Order of checks: arguments, VM kind, initiator over the range, completer over the range; the first failure is the
 * result. Seed 004; design.md, Normative choices. `pages` are those of the range where the caller has them at hand, or
 * one for each stretch of pages of which every check says the same.
 */
export function call<W extends Word = bigint>(
  tables: PkvmTables<W>,
  name: OperationName,
  args: CallArguments,
  rules: CallRules = specified,
  pages?: Iterable<PageOfCall<W>>,
): CallOutcome<W> {
  const request: Request<W> = { name, operation: rules.operations[name], args, tables, rules };
  return (
    refusedBy(rules.argumentChecks, 'first', request) ??
    rules.over(request, pages ?? rules.pagesOf(request))
  );
}
