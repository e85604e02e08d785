import { collect, type Read } from '../checker/index.ts';
import { PageState, viewOf } from '../model/pkvm/index.ts';
import type { OwnershipSlots } from './ownership-slots.ts';

/** What a guest's leaf says of one page: 0 where it does not map it, else its state plus one. */
type Claim = 0 | 1 | 2 | 3 | 4;

/** One page as all tables see it. */
export interface PageClaims {
  readonly hostState: PageState;
  /** The recorded owner, where the host maps nothing. */
  readonly ownerId: number;
  /** The guests that map the page, with the state their leaf gives it. */
  readonly guests: readonly { readonly vm: number; readonly pageState: PageState }[];
}

/** A reader of one page's claims. The lens is made once a page, so that the checker can remember through it. */
export function claimsReader(slots: OwnershipSlots, page: bigint): (read: Read) => PageClaims {
  const host = slots.host.find(entry => entry.page === page);
  if (host === undefined) throw new RangeError(`no page 0x${page.toString(16)}`);
  const leaves = slots.guest.filter(({ onlyPage }) => onlyPage === undefined || onlyPage === page);
  const slotsOfLeaves = leaves.map(({ slot }) => slot);
  const claim = (leaf: bigint): Claim => {
    const view = viewOf(leaf);
    return view.isPresent && view.page === page ? ((view.pageState + 1) as Claim) : 0;
  };
  return read => {
    const { pageState: hostState, ownerId } = viewOf(read(host.slot));
    const guests = collect(read, slotsOfLeaves, claim).map(({ at, saw }) => ({
      vm: leaves[at]?.vm ?? 0,
      pageState: (saw - 1) as PageState,
    }));
    return { hostState, ownerId, guests };
  };
}

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** A guest leaf that claims ownership of the page it maps. */
const isOwning = (state: PageState): boolean =>
  state === PKVM_PAGE_OWNED || state === PKVM_PAGE_SHARED_OWNED;

/** Everyone who claims to own the page, as owner ids: 1 is the host, 0 the hypervisor. */
export function ownersOf({ hostState, ownerId, guests }: PageClaims): number[] {
  const host = isOwning(hostState) ? [1] : [];
  const hyp = hostState === PKVM_NOPAGE && ownerId === 0 ? [0] : [];
  return [...host, ...hyp, ...guests.filter(({ pageState }) => isOwning(pageState)).map(({ vm }) => vm)];
}

export const lendersOf = ({ hostState, guests }: PageClaims): number =>
  [hostState, ...guests.map(({ pageState }) => pageState)].filter(state => state === PKVM_PAGE_SHARED_OWNED)
    .length;

export const borrowersOf = ({ hostState, guests }: PageClaims): number =>
  [hostState, ...guests.map(({ pageState }) => pageState)].filter(
    state => state === PKVM_PAGE_SHARED_BORROWED,
  ).length;
