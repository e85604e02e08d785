import type { Word } from '../bits/index.ts';
import { refusedBy } from './arguments.ts';
import type { Check, PageOfCall } from './check.ts';
import { PROT_RWX, type Prot } from './leaf.ts';
import { type CallOutcome, type LeafWrite, refused } from './result.ts';
import type { Request } from './rules.ts';
import { leafWrite, type StepWrite } from './write.ts';

/** The first check that fails over the range, page by page. */
function firstFailure(
  checks: readonly Check[],
  pages: Iterable<PageOfCall<Word>>,
): CallOutcome<never> | undefined {
  for (const page of pages) {
    const failed = checks.find(check => !check.holds(page));
    if (failed !== undefined)
      return refused(failed.errno, failed.name, `${failed.found(page)}; needed: ${failed.rule}`);
  }
  return undefined;
}

/** What one step of a call writes, a leaf a page. */
export const writesOf = <W extends Word>(
  step: StepWrite | undefined,
  pages: readonly PageOfCall<W>[],
  prot: Prot = PROT_RWX,
): LeafWrite<W>[] =>
  step === undefined ? [] : pages.map(page => leafWrite(step, page, step.word(page, prot)));

/** The pages of a call that must be wiped before the completer maps them. */
export const wipesOf = ({ operation }: Request<Word>, pages: readonly PageOfCall<Word>[]): bigint[] =>
  pages.filter(page => operation.transition.wipes(page)).map(({ hpa }) => hpa);

/** The writes of a call whose checks hold: the initiator's over the whole range, then the completer's. */
export function carryOut<W extends Word>(
  request: Request<W>,
  pages: readonly PageOfCall<W>[],
): CallOutcome<W> {
  const { operation, args } = request;
  const { initiate, complete } = operation.transition;
  return {
    result: 0,
    rule: 'complete',
    why: 'every check holds',
    writes: [...writesOf(initiate, pages, args.prot), ...writesOf(complete, pages, args.prot)],
    wipes: wipesOf(request, pages),
  };
}

/**
 * Runs one transition over a range: request, acknowledge, then initiate, complete. Initiator over the whole range,
 * then completer over the whole range; the first failure decides; nothing is written before everything is known to
 * succeed. facts/pkvm.md 0.2 C5; design.md Ownership, "Order of checks".
 */
export function allOrNothing<W extends Word>(
  request: Request<W>,
  pages: Iterable<PageOfCall<W>>,
): CallOutcome<W> {
  const { operation, rules } = request;
  const { transition } = operation;
  return (
    firstFailure(transition.request, pages) ??
    firstFailure(transition.acknowledge, pages) ??
    refusedBy(rules.argumentChecks, 'last', request) ??
    rules.carryOut(request, [...pages])
  );
}
