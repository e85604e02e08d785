import type { Always, Instance, Verdict } from '../checker/index.ts';
import { PageState } from '../model/pkvm/index.ts';
import { type Origin, pkvmInvariant } from './origin.ts';
import { all, always } from './sentence.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** One page as all tables see it. */
export interface PageClaims {
  readonly hostState: PageState;
  /** The recorded owner, where the host maps nothing. */
  readonly ownerId: number;
  /** The guests that map the page, with the state their leaf gives it. */
  readonly guests: readonly { readonly vm: number; readonly pageState: PageState }[];
}

/** A party by its owner id: 0 is the hypervisor, 1 the host, others guests. */
export const partyName = (id: number): string => ['the hypervisor', 'the host'][id] ?? `guest ${id}`;

/** A leaf that claims ownership of the page it maps. */
const isOwning = (state: PageState): boolean =>
  state === PKVM_PAGE_OWNED || state === PKVM_PAGE_SHARED_OWNED;

/** Everyone who claims to own the page, as owner ids: 1 is the host, 0 the hypervisor. */
function ownersOf({ hostState, ownerId, guests }: PageClaims): number[] {
  const host = isOwning(hostState) ? [1] : [];
  const hyp = hostState === PKVM_NOPAGE && ownerId === 0 ? [0] : [];
  return [...host, ...hyp, ...guests.filter(({ pageState }) => isOwning(pageState)).map(({ vm }) => vm)];
}

const countOf = ({ hostState, guests }: PageClaims, wanted: PageState): number =>
  [hostState, ...guests.map(({ pageState }) => pageState)].filter(state => state === wanted).length;

const listed = (parties: readonly number[]): string => parties.map(partyName).join(' and ') || 'nobody';

function recordedOwner({ hostState, ownerId, guests }: PageClaims): Verdict {
  const holders = guests.filter(({ pageState }) => pageState === PKVM_PAGE_OWNED).map(({ vm }) => vm);
  const lenders = guests.filter(({ pageState }) => pageState === PKVM_PAGE_SHARED_OWNED);
  const recorded = hostState === PKVM_NOPAGE && ownerId !== 0 ? [ownerId] : [];
  const isBorrower = hostState === PKVM_PAGE_SHARED_BORROWED;
  return all([
    [recorded.join() === holders.join(), `recorded: ${listed(recorded)}; holding it: ${listed(holders)}`],
    [
      isBorrower === (lenders.length === 1),
      `host ${isBorrower ? 'borrows' : 'does not borrow'}, ${lenders.length} guests lend`,
    ],
  ]);
}

/**
 * I1 to I4 of facts/pkvm.md 4: what the tables must agree on about every page of RAM. Systems ask it of their states;
 * the audit words its anomalies by what a table shows and is held to these by test/oracle/audit/audit.test.ts.
 */
export const pageInvariants: readonly {
  readonly name: string;
  readonly origin: Origin;
  holds(claims: PageClaims): Verdict;
}[] = [
  {
    name: 'every RAM page has exactly one owner',
    origin: pkvmInvariant('I1'),
    holds: claims => {
      const owners = ownersOf(claims);
      return all([
        [owners.length > 0, 'nobody owns it'],
        [owners.length < 2, `${listed(owners)} own it`],
      ]);
    },
  },
  {
    name: 'a page is lent exactly where one other party borrows it',
    origin: pkvmInvariant('I2'),
    holds: claims => {
      const lenders = countOf(claims, PKVM_PAGE_SHARED_OWNED);
      const borrowers = countOf(claims, PKVM_PAGE_SHARED_BORROWED);
      return all([
        [lenders <= 1, `${lenders} parties lend it`],
        [lenders === borrowers, `${lenders} lend it, ${borrowers} borrow it`],
      ]);
    },
  },
  {
    name: 'the owner that the host EPT records is the one that holds the page',
    origin: pkvmInvariant('I3'),
    holds: recordedOwner,
  },
  {
    name: 'a page is mapped by at most one gpa of one guest',
    origin: pkvmInvariant('I4'),
    holds: ({ guests }) =>
      all([
        [
          guests.length <= 1,
          `${guests.length} guest leaves map it, of ${listed(guests.map(({ vm }) => vm))}`,
        ],
      ]),
  },
];

/** The same as sentences of a system. `ofPages` says of each of its pages how the claims are read. */
export const pageSentences = (
  ofPages: (holds: (claims: PageClaims) => Verdict) => readonly Instance[],
): readonly Always[] =>
  pageInvariants.map(({ name, origin, holds }) => always(name, origin, ofPages(holds)));
