import {
  bits,
  ignored,
  inWords,
  layout,
  type ObservedWord,
  reserved,
  sameWord,
  type Word,
} from '../bits/index.ts';
import { EptMemoryType, EptPte } from '../ept/entry.ts';
import { seed } from '../citation.ts';

/** Page state, bits 57:56 of a leaf. Seed 004, "Page state - bits[57,56]". */
export const PageState = {
  PKVM_NOPAGE: 0,
  PKVM_PAGE_OWNED: 1,
  PKVM_PAGE_SHARED_OWNED: 2,
  PKVM_PAGE_SHARED_BORROWED: 3,
} as const;
export type PageState = (typeof PageState)[keyof typeof PageState];

/** Owner ids, bits 31:12. Seed 004, "Owner_id - bits[31~12] (only valid in host EPT when PKVM_NOPAGE)". */
export const OwnerId = { PKVM_ID_HYP: 0, PKVM_ID_HOST: 1, firstGuest: 2, last: 0xf_ffff } as const;

const stateWords: Readonly<Record<number, string>> = {
  [PageState.PKVM_NOPAGE]: 'NOPAGE: this table maps nothing there',
  [PageState.PKVM_PAGE_OWNED]: "OWNED: the table's owner has the page to itself",
  [PageState.PKVM_PAGE_SHARED_OWNED]: "SHARED_OWNED: the table's owner shares its page with another",
  [PageState.PKVM_PAGE_SHARED_BORROWED]: 'SHARED_BORROWED: borrowed from the page’s owner',
};
const pageState = inWords(
  bits(57, 56),
  'page state',
  seed('004', 'Page state - bits[57,56]'),
  state => stateWords[state] ?? '',
);

/** Whom an owner id names. */
const ownerWords = (id: number): string =>
  id === OwnerId.PKVM_ID_HYP
    ? 'the hypervisor (or never mapped)'
    : id === OwnerId.PKVM_ID_HOST
      ? 'the host'
      : `guest ${id}`;

const { _56_52, verifyPaging: _57, ...eptPteFields } = EptPte.fields;

/**
 * A leaf that maps a page, as pKVM uses it: the hardware's EPT PTE with the page state in two bits that the hardware
 * of the seed's time ignored. Bit 57 is also "verify guest paging" on newer processors: facts/pkvm.md 7 8.
 */
export const PkvmLeaf = layout('PkvmLeaf', {
  ...eptPteFields,
  _55_52: ignored(55, 52),
  pageState,
});

/**
 * A host EPT leaf that maps nothing and records who owns the page. Seed 004, "under this page state, host EPT is
 * using the pte ignored bits[31~12] to record owner_id".
 */
export const PkvmAnnotation = layout('PkvmAnnotation', {
  _2_0: reserved(2, 0), // read, write, execute: a set bit would make the leaf present
  _11_3: ignored(11, 3),
  ownerId: inWords(bits(31, 12), 'owner id', seed('004', 'Owner_id - bits[31~12]'), ownerWords),
  _55_32: ignored(55, 32),
  pageState, // PKVM_NOPAGE here
  _63_58: ignored(63, 58),
});

/** Whether an id can name a guest: it fits 20 bits and is neither the hypervisor's nor the host's. */
export const isGuestId = (id: number): boolean =>
  Number.isInteger(id) && id >= OwnerId.firstGuest && id <= OwnerId.last;

/** What a caller grants a guest: any of read, write, execute. */
export interface Prot {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

export const PROT_RWX: Prot = { read: true, write: true, execute: true };

/** A grant that makes a present, well-configured EPT leaf: something is granted, and write never without read. */
export const isMappableProt = ({ read, write, execute }: Prot): boolean =>
  (read || write || execute) && !(write && !read);

/** A leaf that no one ever wrote. In the host EPT it cannot be told from "owned by the hypervisor": facts/pkvm.md 7 7. */
export const NEVER_MAPPED = 0n;

/** The word of a host leaf that records an owner and maps nothing: `0x2000` for guest 2. */
export const annotation = (ownerId: number): bigint => PkvmAnnotation.encode({ ownerId });

/** A host leaf of each state but for the page: there are millions of pages and four states. */
const hostLeaves = Object.values(PageState).map(pageState =>
  PkvmLeaf.encode({ ...PROT_RWX, memoryType: EptMemoryType.WB, pageState }),
);

/** The word of a host leaf that maps a RAM page: identity, RWX, write-back (`0x37`), and the state. */
export const hostLeaf = (page: bigint, pageState: PageState): bigint =>
  PkvmLeaf.with(hostLeaves[pageState] ?? 0n, { page });

/** The word of a guest leaf: what the caller grants and the state. The memory type is the caller's, 0 here. */
export const guestLeaf = (page: bigint, prot: Prot, pageState: PageState): bigint =>
  PkvmLeaf.encode({ read: prot.read, write: prot.write, execute: prot.execute, page, pageState });

/** What pKVM reads out of a leaf. */
export interface LeafView {
  readonly isPresent: boolean;
  readonly pageState: PageState;
  /** The page that a present leaf maps; 0 where it maps none. */
  readonly page: bigint;
  /** Who owns the page, where a non-present host leaf records it. */
  readonly ownerId: number;
}

function decodeLeaf(leaf: bigint): LeafView {
  const isPresent =
    PkvmLeaf.get(leaf, 'read') || PkvmLeaf.get(leaf, 'write') || PkvmLeaf.get(leaf, 'execute');
  return {
    isPresent,
    pageState: PkvmLeaf.get(leaf, 'pageState') as PageState, // two bits: every value is one of the four
    page: isPresent ? PkvmLeaf.get(leaf, 'page') : 0n,
    ownerId: PkvmAnnotation.get(leaf, 'ownerId'),
  };
}

/** Leaves decoded before: a call looks at the same few words again and again, the next one at others. */
const decoded = new Map<bigint, LeafView>();
const maxDecoded = 1024;

/** A leaf of which only that is known which is asked: each answer is asked for where it is needed. */
const viewOfObserved = (leaf: ObservedWord): LeafView => ({
  get isPresent() {
    return PkvmLeaf.get(leaf, 'read') || PkvmLeaf.get(leaf, 'write') || PkvmLeaf.get(leaf, 'execute');
  },
  get pageState() {
    return PkvmLeaf.get(leaf, 'pageState') as PageState; // two bits: every value is one of the four
  },
  get page() {
    return this.isPresent ? PkvmLeaf.get(leaf, 'page') : 0n;
  },
  get ownerId() {
    return PkvmAnnotation.get(leaf, 'ownerId');
  },
});

/** Decodes a leaf of either kind. Bits 57:56 alone decide the state; present means any of read, write, execute. */
export function viewOf(leaf: Word): LeafView {
  if (typeof leaf !== 'bigint') return viewOfObserved(leaf);
  const known = decoded.get(leaf);
  if (known !== undefined) return known;
  const view = decodeLeaf(leaf);
  if (decoded.size >= maxDecoded) decoded.clear();
  decoded.set(leaf, view);
  return view;
}

/** Whether a leaf is present and maps this page. */
export const mapsPage = (leaf: Word, page: bigint): boolean =>
  viewOf(leaf).isPresent && PkvmLeaf.isOneOf(leaf, 'page', [page]);

/** Whether a leaf is the annotation of this owner, and nothing else. */
export const isAnnotationOf = (leaf: Word, ownerId: number): boolean => sameWord(leaf, annotation(ownerId));

/** The same leaf in another state; every other bit is kept. */
export const withState = <W extends Word>(leaf: W, pageState: PageState): W =>
  PkvmLeaf.with(leaf, { pageState });

const stateNames = ['NOPAGE', 'OWNED', 'SHARED_OWNED', 'SHARED_BORROWED'] as const;

/** A leaf in words: `OWNED 0x3000 rwx`, `NOPAGE owner 2`, `unmapped`. */
export function showLeaf(leaf: Word, table: 'host' | 'guest'): string {
  if (typeof leaf !== 'bigint') return 'one of many words';
  const { isPresent, pageState, page, ownerId } = viewOf(leaf);
  const state = stateNames[pageState];
  if (!isPresent) {
    if (table === 'guest' && leaf === NEVER_MAPPED) return 'unmapped';
    return pageState === PageState.PKVM_NOPAGE ? `NOPAGE owner ${ownerId}` : `${state} but not present`;
  }
  const { read, write, execute } = PkvmLeaf.decode(leaf);
  return `${state} 0x${page.toString(16)} ${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
}
