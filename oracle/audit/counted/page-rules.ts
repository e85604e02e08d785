import {
  annotationOf,
  CountedLeaf,
  CountedOwner,
  CountedState,
  leafValue,
  ownerName,
  type PageRecord,
  stateName,
} from '../../../model/pkvm/counted/index.ts';
import { EptMemoryType } from '../../../model/ept/index.ts';
import type { AuditedPage, PageFault } from './page.ts';

/** What must hold between the record of a page and the leaves that map it: J1 to J5 of facts/pkvm-2026.md 4. */

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HOST, PKVM_ID_HYP, PKVM_ID_GUEST } = CountedOwner;

const fault = (invariant: string, what: string, isUndecided = false): PageFault => ({
  invariant,
  what,
  isUndecided,
});

const pairText = ({ hostState, owner }: PageRecord): string =>
  `${stateName(hostState)} by ${ownerName(owner)}`;

/** Kept at boot: its owner field was never written, and the host's leaf names the hypervisor. 1.1, "legal pairs". */
const isReserved = ({ record: { hostState, owner }, host }: AuditedPage): boolean =>
  hostState === PKVM_PAGE_NONE &&
  owner === PKVM_ID_HOST &&
  (host === undefined || host.word === annotationOf(PKVM_ID_HYP));

/** J1: the owner is the host exactly where the state is OWNED or SHARED_OWNED; and only pairs that there are. */
function* ownerFits(page: AuditedPage): Generator<PageFault> {
  const { hostState, owner } = page.record;
  if (isReserved(page)) return;
  const isHosts = hostState === PKVM_PAGE_OWNED || hostState === PKVM_PAGE_SHARED_OWNED;
  const isOwner = owner === PKVM_ID_HOST || owner === PKVM_ID_HYP || owner === PKVM_ID_GUEST;
  if (isHosts !== (owner === PKVM_ID_HOST) || !isOwner || hostState > PKVM_PAGE_SHARED_BORROWED)
    yield fault('J1', `the record says ${pairText(page.record)}`);
}

type Expected = 'nothing' | 'r-x' | 'rwx';
function expectedOf({ hostState, owner }: PageRecord): Expected {
  if (hostState === PKVM_PAGE_NONE) return 'nothing';
  return hostState === PKVM_PAGE_SHARED_BORROWED && owner === PKVM_ID_HYP ? 'r-x' : 'rwx';
}

/** J2: the host's leaf follows from the record. */
function* hostLeafFits(page: AuditedPage): Generator<PageFault> {
  const { host, record } = page;
  if (host === undefined) return;
  const expected = isReserved(page) ? 'nothing' : expectedOf(record);
  const { isPresent, isAnnotated } = leafValue(host.word);
  const { read, write, execute, memoryType } = CountedLeaf.decode(host.word);
  const rights = `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
  if (expected === 'nothing') {
    if (isPresent) yield fault('J2', `${pairText(record)}, but the host maps it ${rights}`);
    else if (isAnnotated && !isReserved(page))
      yield fault('J2', `${pairText(record)}, but the host's leaf names an owner as MMIO does`);
    return;
  }
  if (!isPresent) yield fault('J2', `${pairText(record)}, but the host does not map it`);
  else if (host.page !== page.page) yield fault('J2', 'the host maps another page there');
  else if (rights !== expected || memoryType !== EptMemoryType.WB)
    yield fault('J2', `${pairText(record)}, but the host maps it ${rights}, not ${expected} write-back`);
}

const leaves = (count: number): string => `${count} ${count === 1 ? 'leaf' : 'leaves'}`;

/** J3: shares with guests are counted, never together with shares with the hypervisor. */
function* countsFit({ record, claims, isIncomplete }: AuditedPage): Generator<PageFault> {
  const { hostState, hypShares, guestShares } = record;
  const borrowed = claims.filter(({ state }) => state === PKVM_PAGE_SHARED_BORROWED).length;
  if (borrowed !== guestShares)
    yield fault(
      'J3a',
      `${leaves(borrowed)} of guests borrow it, the record counts ${guestShares}`,
      borrowed < guestShares && isIncomplete,
    );
  if (hypShares > 0 && guestShares > 0)
    yield fault('J3b', `${hypShares} shares with the hypervisor and ${guestShares} with guests`);
  if ((hostState === PKVM_PAGE_SHARED_OWNED) !== (hypShares > 0 || guestShares > 0))
    yield fault('J3c', `${stateName(hostState)} with ${hypShares + guestShares} shares`);
}

/** J4: what a guest owns is mapped by exactly one leaf, and what nobody's record gives it by none. */
function* guestOwnsFits({ record, claims, isIncomplete }: AuditedPage): Generator<PageFault> {
  const isGuests = record.owner === PKVM_ID_GUEST;
  for (const [state, hostState] of [
    [PKVM_PAGE_OWNED, PKVM_PAGE_NONE],
    [PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED],
  ] as const) {
    const found = claims.filter(claim => claim.state === state);
    const wanted = isGuests && record.hostState === hostState ? 1 : 0;
    if (found.length === wanted) continue;
    const whose = found.map(({ vm }) => `guest ${vm}`).join(' and ');
    yield fault(
      'J4',
      `${pairText(record)}, but ${found.length === 0 ? 'no guest has' : `${whose} ${found.length === 1 ? 'has' : 'have'}`} it ${stateName(state)}`,
      found.length < wanted && isIncomplete,
    );
  }
}

/** J5: only pages of the host are pinned; the hypervisor counts uses of its own pages there. */
function* pinsFit({ record: { refcount, owner } }: AuditedPage): Generator<PageFault> {
  if (refcount > 0 && owner === PKVM_ID_GUEST) yield fault('J5', `${refcount} pins on a page of a guest`);
}

/** Everything that is wrong with a page. */
export function* faultsOf(page: AuditedPage): Generator<PageFault> {
  yield* ownerFits(page);
  yield* hostLeafFits(page);
  yield* countsFit(page);
  yield* guestOwnsFits(page);
  yield* pinsFit(page);
}
