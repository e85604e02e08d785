import { sameWord, type Word } from '../../bits/index.ts';
import { faultOf } from '../../fault.ts';
import { isPageAligned, namedAddresses } from '../arguments.ts';
import type { PageOfCall } from '../check.ts';
import { NEVER_MAPPED, PkvmAnnotation, viewOf } from '../leaf.ts';
import type { CallRequest } from '../operations.ts';
import type { CallOutcome } from '../result.ts';
import type { PkvmRules, Request } from '../rules.ts';
import { allOrNothing } from '../run.ts';
import { PAGE_SIZE } from '../tables.ts';
import { halfDone } from './half-done.ts';
import { failsForWantOfTablePage } from './left-out.ts';
import { facts } from '../../citation.ts';

const fault = faultOf<PkvmRules>();

/** Runs every page as a call of its own and stops at the first refusal, keeping what was written. */
function pageByPage<W extends Word>(request: Request<W>, pages: Iterable<PageOfCall<W>>): CallOutcome<W> {
  let sum: CallOutcome<W> = {
    result: 0,
    rule: 'complete',
    why: 'every check holds',
    writes: [],
    wipes: [],
  };
  for (const page of pages) {
    const one = allOrNothing(request, [page]);
    sum = { ...one, writes: [...sum.writes, ...one.writes], wipes: [...sum.wipes, ...one.wipes] };
    if (one.result !== 0) break;
  }
  return sum;
}

const isUnshare = ({ name }: CallRequest<Word>): boolean => name === 'guest_unshare_host';
const neverReachesZero = (request: CallRequest<Word>): boolean =>
  isUnshare(request) && !isPageAligned(request.args.size);

/** As many pages as there are up to the first that is not mapped: at most 64. */
function pagesPastTheEnd<W extends Word>(request: Request<W>): PageOfCall<W>[] {
  const { gpa = 0n } = request.args;
  const start = gpa - (gpa % PAGE_SIZE);
  const pages: PageOfCall<W>[] = [];
  for (let at = 0n; at < 64n; at++) {
    const page = request.rules.pageOf(request, undefined, start + at * PAGE_SIZE);
    pages.push(page);
    if (sameWord(page.guestLeaf(), NEVER_MAPPED)) break;
  }
  return pages;
}

/** The recorded owner id as 4 bits show it. */
function masked<W extends Word>(leaf: W): W {
  const { isPresent, ownerId } = viewOf(leaf);
  return isPresent ? leaf : PkvmAnnotation.with(leaf, { ownerId: ownerId % 16 });
}

/** The rules by which a call breaks half-way where `breaks` says so. */
const breakingWhere =
  (breaks: (request: Request<Word>, pages: readonly PageOfCall<Word>[]) => boolean) =>
  ({ carryOut }: PkvmRules): Partial<PkvmRules> => ({
    carryOut: (request, pages) =>
      breaks(request, pages) ? halfDone(request, pages) : carryOut(request, pages),
  });

/** One annotation size for the whole range: two pages or more that do not start at a multiple of their size. */
const isMisalignedForOneLeaf = (request: Request<Word>, pages: readonly PageOfCall<Word>[]): boolean => {
  const annotates = request.operation.transition.initiate?.fields.includes('ownerId') === true;
  const [first] = pages;
  const bytes = BigInt(pages.length) * PAGE_SIZE;
  return annotates && pages.length > 1 && first !== undefined && first.hpa % bytes !== 0n;
};

const unmapsAnotherPage = ({ operation }: Request<Word>, pages: readonly PageOfCall<Word>[]): boolean => {
  const { complete } = operation.transition;
  return (
    complete?.table === 'guest' &&
    complete.fields.length === 0 &&
    pages.some(page => viewOf(page.guestLeaf()).page !== page.hpa)
  );
};

/** What the calls of real code did, beyond a missing check or a wrong word. */
export const callFaults = [
  fault(
    'page_by_page',
    'a range is checked and applied page by page, so a refusal leaves the earlier pages changed',
    facts.pkvm('5', 'B15'),
    () => ({ over: pageByPage }),
  ),
  fault(
    'guest_calls_page_by_page',
    'guest_share_host and guest_unshare_host go page by page and stop at the first error',
    facts.pkvm('0.2', 'C5'),
    ({ over }) => ({
      over: (request, pages) =>
        request.operation.names === 'gpa' ? pageByPage(request, pages) : over(request, pages),
    }),
  ),
  fault(
    'present_leaf_accepted',
    'a gpa that is present already is success, whatever page it maps',
    facts.pkvm('5', 'B12'),
    ({ over }) => ({
      isMappedAlready: () => true,
      over: (request, pages) =>
        request.operation.transition.mapsGuest &&
        [...pages].some(page => viewOf(page.guestLeaf()).isPresent)
          ? { result: 0, rule: 'complete', why: 'the gpa is present already', writes: [], wipes: [] }
          : over(request, pages),
    }),
  ),
  fault(
    'unshare_size_underflows',
    'guest_unshare_host subtracts 4 KByte from the size until it is exactly zero',
    facts.pkvm('5', 'B3'),
    ({ argumentChecks, pagesOf, over }) => ({
      argumentChecks: argumentChecks.map(check =>
        check.name === 'arguments.aligned'
          ? {
              ...check,
              holds: request =>
                isUnshare(request) ? namedAddresses(request).every(isPageAligned) : check.holds(request),
            }
          : check,
      ),
      pagesOf: request => (neverReachesZero(request) ? pagesPastTheEnd(request) : pagesOf(request)),
      over: (request, pages) =>
        neverReachesZero(request) ? pageByPage(request, pages) : over(request, pages),
    }),
  ),
  fault(
    'unshare_checks_gpa',
    'host_unshare_guest looks up the host leaf at the gpa instead of the hpa',
    facts.pkvm('5', 'B16'),
    ({ pageOf }) => ({
      pageOf: (request, hpa, gpa) => ({
        ...pageOf(request, hpa, gpa),
        ...(request.name === 'host_unshare_guest' ? { hostLeaf: () => request.tables.host(gpa) } : {}),
      }),
    }),
  ),
  fault(
    'owner_mask_4_bits',
    'the recorded owner id is read through the mask 0xF',
    facts.pkvm('5', 'B24'),
    ({ pageOf }) => ({
      pageOf: (...args) => {
        const page = pageOf(...args);
        return { ...page, hostLeaf: () => masked(page.hostLeaf()) };
      },
    }),
  ),
  fault(
    'late_enomem',
    'a table page is asked for only after the initiator was changed, and the failure is returned as +1',
    facts.pkvm('5', 'B4'),
    failsForWantOfTablePage,
  ),
  fault(
    'large_annotation',
    'a range of two pages or more is annotated with one large leaf, which fails when not aligned to it',
    facts.pkvm('5', 'B6'),
    breakingWhere(isMisalignedForOneLeaf),
  ),
  fault(
    'page_asserted_late',
    'the mapped page is compared with the named page only after the initiator was changed',
    facts.pkvm('5', 'B8'),
    breakingWhere(unmapsAnotherPage),
  ),
];
