import { collect, type Read } from '../checker/index.ts';
import { type PageState, viewOf } from '../model/pkvm/index.ts';
import type { OwnershipSlots } from './ownership-slots.ts';
import type { PageClaims } from './page-claims.ts';

/** What a guest's leaf says of one page: 0 where it does not map it, else its state plus one. */
type Claim = 0 | 1 | 2 | 3 | 4;

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
