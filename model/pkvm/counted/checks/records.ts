import { addressHex } from '../../../bits/index.ts';
import type { Call, Unit } from '../call-context.ts';
import { type Answer, asked, type CountedCheck, type Inquiry } from '../check.ts';
import { BUG, CountedErrno } from '../outcome.ts';
import { type PageRecord, recordOf, showRecord } from '../page-record.ts';
import { CountedOwner, CountedState, ownerName, stateName } from '../page-state.ts';
import { pagesOf } from '../ranges.ts';
import { facts, type Source } from '../../../citation.ts';

/** A page of RAM with its record. */
export interface PageSubject {
  readonly page: bigint;
  readonly word: bigint;
  readonly record: PageRecord;
}

/** The pages of the host-physical range, with their records. */
export function* hostPages(
  { machine }: Call,
  { hpa, size }: Pick<Unit, 'hpa' | 'size'>,
): Generator<PageSubject> {
  for (const page of pagesOf(hpa, size)) {
    const word = machine.record(page);
    yield { page, word, record: recordOf(word) };
  }
}

const pageFound = ({ page, word }: PageSubject): string =>
  `page ${addressHex(page)} is ${showRecord(word)}`;

/** A question of the record of a page. */
export const pageCheck = (
  name: string,
  rule: string,
  source: Source,
  holds: (record: PageRecord, call: Call) => boolean,
  answer: Answer = CountedErrno.EPERM,
): CountedCheck<PageSubject> => ({
  name: `page.${name}`,
  answer,
  warns: answer === 'nothing',
  rule,
  source,
  holds: ({ record }, call) => holds(record, call),
  found: pageFound,
});

/** What R2 asks of each page, in its order: state, owner, and where asked for that nothing pins it. */
export function recordChecks(
  states: readonly CountedState[],
  owner: CountedOwner,
  { unpinned = false, answer = CountedErrno.EPERM }: { unpinned?: boolean; answer?: Answer } = {},
): readonly CountedCheck<PageSubject>[] {
  const named = states.map(stateName).join(' or ');
  const isWanted = ({ hostState }: PageRecord): boolean => states.some(state => state === hostState);
  return [
    pageCheck('state', `the state of the page is ${named}`, facts.pkvm2026('1.2', 'R2'), isWanted, answer),
    pageCheck(
      'owner',
      `the owner of the page is ${ownerName(owner)}`,
      facts.pkvm2026('1.2', 'R2'),
      record => record.owner === owner,
      answer,
    ),
    ...(unpinned
      ? [
          pageCheck(
            'unpinned',
            'no DMA pins the page',
            facts.pkvm2026('1.4 3'),
            ({ refcount }) => refcount === 0,
            answer,
          ),
        ]
      : []),
  ];
}

/** R2 of the range that the call names. */
export const hostPageChecks = (...args: Parameters<typeof recordChecks>): Inquiry =>
  asked((call, unit) => hostPages(call, unit), recordChecks(...args));

/**
 * What share_hyp and share_guest ask of a page: the host's alone, or shared already with the same kind of party and
 * the count not at its end, which is looked at first.
 */
export function sharingChecks(count: 'hypShares' | 'guestShares'): readonly CountedCheck<PageSubject>[] {
  const [other, party, source] =
    count === 'hypShares'
      ? (['guestShares', 'the hypervisor', facts.pkvm2026('1.3', 'hyp_count==0xffff')] as const)
      : (['hypShares', 'a guest', facts.pkvm2026('1.3', 'guest_count==0xffff')] as const);
  const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED } = CountedState;
  const isShared = ({ hostState }: PageRecord): boolean => hostState === PKVM_PAGE_SHARED_OWNED;
  return [
    pageCheck(
      'record',
      'a page that the host owns says so, and is shared with one kind of party at most',
      facts.pkvm2026('4', 'J1', 'J3'),
      record =>
        record.hostState === PKVM_PAGE_OWNED
          ? record.owner === CountedOwner.PKVM_ID_HOST && record.hypShares + record.guestShares === 0
          : !isShared(record) ||
            (record.owner === CountedOwner.PKVM_ID_HOST && (record[count] === 0 || record[other] === 0)),
      BUG,
    ),
    pageCheck(
      'count',
      'the count of shares has room for one more',
      source,
      (record, { columns }) => !isShared(record) || record[count] < columns.countMax,
      CountedErrno.ENOSPC,
    ),
    pageCheck(
      'state',
      `the page is the host's alone, or shared with ${party} already`,
      facts.pkvm2026('1.3', '(shared with guest) -EPERM'),
      record => record.hostState === PKVM_PAGE_OWNED || (isShared(record) && record[count] > 0),
    ),
  ];
}
