import { bit, bits, ignored, layout, reserved, wide } from '../bits/index.ts';

/** Page states of arm64, `enum pkvm_page_state`. facts/arm64-live.md 5. In a valid leaf they lie in software bits 56:55. */
export const Arm64PageState = { OWNED: 0, SHARED_OWNED: 1, SHARED_BORROWED: 2, NOPAGE: 3 } as const;
export type Arm64PageState = (typeof Arm64PageState)[keyof typeof Arm64PageState];
export const arm64PageStateNames = ['OWNED', 'SHARED_OWNED', 'SHARED_BORROWED', 'NOPAGE'] as const;
export type Arm64PageStateName = (typeof arm64PageStateNames)[number];

/** The state that the software bits of a valid leaf record: SW0 (bit 55) shared and owned, SW1 (bit 56) borrowed. */
export const LeafState = layout('LeafState', {
  _54_0: ignored(54, 0),
  pageState: bits(56, 55),
  _63_57: ignored(63, 57),
});

/** An invalid leaf of the host's table that names an owner, up to 6.17: `KVM_INVALID_PTE_OWNER_MASK` 9:2, 6.12: locked 10. */
export const OwnerAnnotation = layout('OwnerAnnotation', {
  valid: reserved(0),
  _1: ignored(1),
  ownerId: bits(9, 2), // 0 host, 1 hypervisor, 2 FF-A
  locked: bit(10),
  _63_11: ignored(63, 11),
});

/** The same from 7.3 on: a type, and for a donation the owner and, if it is a guest, which and at what frame. */
export const TypedAnnotation = layout('TypedAnnotation', {
  valid: reserved(0),
  owner: bits(3, 1), // `KVM_HOST_DONATION_PTE_OWNER_MASK`: 1 hypervisor, 2 guest
  handle: bits(19, 4),
  gfn: wide(59, 20),
  type: bits(63, 60), // 1 locked, 2 donation, 3 poisoned (in a guest's table)
});
export const AnnotationType = { locked: 1, donation: 2, poisoned: 3 } as const;

/** One page's record in hyp_vmemmap, `struct hyp_page`, 8 bytes: 6.17 (observed) and 7.3. */
export const HypPage = layout('HypPage', {
  refcount: bits(15, 0),
  order: bits(23, 16),
  hostState: bits(27, 24),
  hypStateComplement: bits(31, 28), // stored so that a record of zeros means: the host's, not the hypervisor's
  hostShareGuestCount: bits(63, 32),
});

export interface PageRecord {
  readonly host: number;
  readonly hyp: number;
  readonly shareCount: number;
  readonly refcount: number;
}

/** What a record says; states above 3 are no states. */
export function pageRecordOf(word: bigint): PageRecord {
  const known = decoded.get(word);
  if (known !== undefined) return known;
  const { hostState, hypStateComplement, hostShareGuestCount, refcount } = HypPage.decode(word);
  const record = {
    host: hostState,
    hyp: hypStateComplement ^ Arm64PageState.NOPAGE,
    shareCount: hostShareGuestCount,
    refcount,
  };
  if (decoded.size < 4096) decoded.set(word, record);
  return record;
}

/** Millions of pages have a handful of different records: each word is decoded once. */
const decoded = new Map<bigint, PageRecord>();
