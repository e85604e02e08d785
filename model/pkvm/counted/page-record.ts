import { bits, layout, type Values } from '../../bits/index.ts';
import { CountedOwner, CountedState, ownerName, stateName } from './page-state.ts';

/**
 * `struct pkvm_page`: what the hypervisor remembers of a RAM page, eight bytes a page. `refcount` counts the DMA pins
 * of a page of the host, and the uses of a page table page of pKVM. facts/pkvm-2026.md 1.1.
 */
export const PkvmPage = layout('PkvmPage', {
  refcount: bits(15, 0),
  order: bits(23, 16),
  hostState: bits(27, 24),
  owner: bits(31, 28),
  hypShares: bits(47, 32), // host_share_hyp_count
  guestShares: bits(63, 48), // host_share_guest_count
});
export type PageRecord = Values<typeof PkvmPage.fields>;

/** What a counter of a record can hold. */
export const COUNT_MAX = 0xffff;

/** A page as boot leaves it: the host's alone. */
export const hostOwned = PkvmPage.encode({
  hostState: CountedState.PKVM_PAGE_OWNED,
  owner: CountedOwner.PKVM_ID_HOST,
});

/** A page that pKVM keeps for itself at boot: its owner field is never written. facts/pkvm-2026.md 1.1. */
export const reservedAtBoot = PkvmPage.encode({ hostState: CountedState.PKVM_PAGE_NONE });

const decoded = new Map<bigint, PageRecord>();
const maxDecoded = 65_536;

/** Decodes a record. Remembered, because a call looks at the same few again and again. */
export function recordOf(word: bigint): PageRecord {
  const known = decoded.get(word);
  if (known !== undefined) return known;
  const record = PkvmPage.decode(word);
  if (decoded.size >= maxDecoded) decoded.clear();
  decoded.set(word, record);
  return record;
}

/** A record in words: `SHARED_OWNED by HOST, shared with 2 guest leaves, 1 pin`. */
export function showRecord(word: bigint): string {
  const { hostState, owner, hypShares, guestShares, refcount } = recordOf(word);
  const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  return [
    `${stateName(hostState)} by ${ownerName(owner)}`,
    ...(hypShares === 0 ? [] : [plural(hypShares, 'hyp share')]),
    ...(guestShares === 0 ? [] : [plural(guestShares, 'guest share')]),
    ...(refcount === 0 ? [] : [plural(refcount, 'pin')]),
  ].join(', ');
}
