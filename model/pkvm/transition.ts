import { type Check, donateChecks, type PageOfCall, shareChecks, unshareChecks } from './check.ts';
import { type Deviations, deviatingWord } from './deviation.ts';
import { PageState, type Prot, viewOf } from './leaf.ts';
import { type CallOutcome, Errno, type LeafWrite, refused } from './result.ts';
import { donateWrites, leafWrite, shareWrites, type StepWrite, unshareWrites } from './write.ts';

/** Who takes part in a transition: the initiator gives, the completer receives. */
export type Party = 'host' | 'hyp' | 'guest';

/** One verb between two parties, as pKVM's four steps. */
export interface Transition {
  readonly request: readonly Check[];
  readonly acknowledge: readonly Check[];
  readonly initiate: StepWrite | undefined;
  readonly complete: StepWrite | undefined;
  /** Whether a page that moves this way is wiped before the completer maps it. */
  wipes(page: PageOfCall): boolean;
}

const never = (): boolean => false;

/** The initiator gives the page away. A page that a guest had not shared comes back to the host wiped. */
export const donate = (initiator: Party, completer: Party): Transition => ({
  request: donateChecks.request[initiator],
  acknowledge: donateChecks.acknowledge[completer],
  initiate: donateWrites.initiate[initiator],
  complete: donateWrites.complete[completer],
  wipes: page =>
    initiator === 'guest' && viewOf(page.guestLeaf()).pageState !== PageState.PKVM_PAGE_SHARED_OWNED,
});

/** The initiator stays owner, the completer borrows. */
export const share = (initiator: Exclude<Party, 'hyp'>, completer: Exclude<Party, 'hyp'>): Transition => ({
  request: shareChecks.request[initiator],
  acknowledge: shareChecks.acknowledge[completer],
  initiate: shareWrites.initiate[initiator],
  complete: shareWrites.complete[completer],
  wipes: never,
});

/** The initiator, still owner, takes the loan back from the completer. */
export const unshare = (
  initiator: Exclude<Party, 'hyp'>,
  completer: Exclude<Party, 'hyp'>,
): Transition => ({
  request: unshareChecks.request[initiator],
  acknowledge: unshareChecks.acknowledge[completer],
  initiate: unshareWrites.initiate[initiator],
  complete: unshareWrites.complete[completer],
  wipes: never,
});

export interface TransitionContext {
  readonly prot: Prot;
  readonly deviations: Deviations;
  /** Whether a table page that the completer's mapping needs can be had. */
  readonly tablePages: 'available' | 'exhausted';
}

/** The first check that fails over the range, page by page. */
function firstFailure(
  checks: readonly Check[],
  pages: Iterable<PageOfCall>,
  deviations: Deviations,
): CallOutcome | undefined {
  const kept = checks.filter(check => !deviations.has(check.name));
  for (const page of pages) {
    for (const check of kept) {
      if (!check.holds(page))
        return refused(check.errno, check.name, `${check.found(page)}; needed: ${check.rule}`);
    }
  }
  return undefined;
}

function apply(
  step: StepWrite | undefined,
  pages: readonly PageOfCall[],
  context: TransitionContext,
): LeafWrite[] {
  if (step === undefined) return [];
  return pages.flatMap(page => {
    const word = deviatingWord(step, step.word(page, context.prot), context.deviations);
    return word === undefined ? [] : [leafWrite(step, page, word)];
  });
}

/** Whether the completer's side has to map something, which may need a page for its table. */
const needsTablePage = (step: StepWrite | undefined): boolean =>
  step?.table === 'guest' && step.fields.length > 0;

/**
 * Runs one transition over a range: request, acknowledge, then initiate, complete. Initiator over the whole range,
 * then completer over the whole range; the first failure decides; nothing is written before everything is known to
 * succeed. facts/pkvm.md 0.2 C5; design.md, "Order of checks".
 */
export function run(
  transition: Transition,
  range: Iterable<PageOfCall>,
  context: TransitionContext,
): CallOutcome {
  const { deviations } = context;
  const refusal =
    firstFailure(transition.request, range, deviations) ??
    firstFailure(transition.acknowledge, range, deviations);
  if (refusal !== undefined) return refusal;
  const pages = [...range];
  const exhausted = context.tablePages === 'exhausted' && needsTablePage(transition.complete);
  if (exhausted && !deviations.has('late_enomem')) {
    return refused(Errno.ENOMEM, 'arguments.table_pages', "no page can be had for the guest's table");
  }
  const wipes = pages.filter(page => transition.wipes(page)).map(({ hpa }) => hpa);
  const initiated = apply(transition.initiate, pages, context);
  const broken = exhausted || breaksHalfWay(transition, pages, deviations);
  if (broken) {
    return {
      result: 1,
      rule: 'complete',
      why: 'failed after the initiator was changed',
      writes: initiated,
      wipes,
    };
  }
  const writes = [...initiated, ...apply(transition.complete, pages, context)];
  return { result: 0, rule: 'complete', why: 'every check holds', writes, wipes };
}

/** The early code's failures after its checks: B6 and B8. Never true of the specification. */
function breaksHalfWay(
  transition: Transition,
  pages: readonly PageOfCall[],
  deviations: Deviations,
): boolean {
  if (deviations.has('page_asserted_late') && transition.complete?.table === 'guest') {
    const unmaps = transition.complete.fields.length === 0;
    if (unmaps && pages.some(page => viewOf(page.guestLeaf()).page !== page.hpa)) return true;
  }
  const [first] = pages;
  const isLarge =
    pages.length > 1 && first !== undefined && first.hpa % (BigInt(pages.length) * 4096n) !== 0n;
  return (
    isLarge &&
    deviations.has('large_annotation') &&
    transition.initiate?.fields.includes('ownerId') === true
  );
}
