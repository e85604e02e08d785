import { bits, ignored, layout, reserved } from '../../bits/index.ts';
import { EptMemoryType, EptPde2M, EptPdpte1G, EptPte } from '../../ept/entry.ts';
import { type CountedOwner, CountedState, ownerName, stateName } from './page-state.ts';

const { _56_52: _pte, ...pteFields } = EptPte.fields;
const { _56_52: _pde, ...pdeFields } = EptPde2M.fields;
const { _56_52: _pdpte, ...pdpteFields } = EptPdpte1G.fields;
const state = { pageState: bits(53, 52), _56_54: ignored(56, 54) };

/** A leaf of 4 KByte with the page state in bits 53:52: a guest's, or the host's for MMIO. facts/pkvm-2026.md 1.1. */
export const CountedLeaf = layout('CountedLeaf', { ...pteFields, ...state });

/** A leaf of 2 MByte. */
export const CountedBlock = layout('CountedBlock', { ...pdeFields, ...state });

/** A leaf of 1 GByte. */
export const CountedGigantic = layout('CountedGigantic', { ...pdpteFields, ...state });

/** A host leaf that maps nothing and records an owner: MMIO, and holes in which nothing was ever mapped. */
export const CountedAnnotation = layout('CountedAnnotation', {
  _2_0: reserved(2, 0), // read, write, execute: a set bit would make the leaf present
  _11_3: ignored(11, 3),
  owner: bits(31, 12),
  _51_32: ignored(51, 32),
  pageState: bits(53, 52), // PKVM_PAGE_NONE here
  _63_54: ignored(63, 54),
});

/** Where in the table a leaf stands: 1 is 4 KByte, 2 is 2 MByte, 3 is 1 GByte; higher ones map nothing. */
export type Level = 1 | 2 | 3 | 4 | 5;

/**
 * All of a leaf but where it points and how large it is: rights, memory type, state, accessed and dirty. A word, as
 * the code has it.
 */
export type Prot = bigint;

/** The word of a leaf that maps `page`, a multiple of what a leaf of this level covers. */
export function mappingWord(page: bigint, prot: Prot, level: Level): bigint {
  switch (level) {
    case 1:
      return CountedLeaf.with(prot, { page });
    case 2:
      return CountedBlock.with(prot, { page, mapsPage: true });
    default:
      return CountedGigantic.with(prot, { page, mapsPage: true });
  }
}

/** What of a leaf is kept when it is split or mapped elsewhere. */
export const protOf = (word: bigint): Prot =>
  CountedBlock.with(CountedLeaf.with(word, { page: 0n }), { mapsPage: false });

export const withState = (word: bigint, pageState: CountedState): bigint =>
  CountedLeaf.with(word, { pageState });

const rwx = { read: true, write: true, execute: true } as const;

/** What the host's leaves grant. facts/pkvm-2026.md 1.1, "Raw words". */
export const hostProt = {
  ram: CountedLeaf.encode({ ...rwx, memoryType: EptMemoryType.WB }),
  readOnly: CountedLeaf.encode({ ...rwx, write: false, memoryType: EptMemoryType.WB }),
  mmio: CountedLeaf.encode({
    ...rwx,
    memoryType: EptMemoryType.UC,
    pageState: CountedState.PKVM_PAGE_OWNED,
  }),
} as const;

/** What a guest's leaf grants: read and execute always, write where asked for; write-back. */
export const guestProt = (pageState: CountedState, write: boolean): Prot =>
  CountedLeaf.encode({ ...rwx, write, memoryType: EptMemoryType.WB, pageState });

/** The word that records who owns what is not mapped: `0x1000` for the hypervisor. */
export const annotationOf = (owner: CountedOwner): bigint => CountedAnnotation.encode({ owner });

/** What pKVM reads out of a leaf word of any level. */
export interface LeafValue {
  readonly isPresent: boolean;
  /** Maps 2 MByte or more. */
  readonly isHuge: boolean;
  /** Maps nothing, and is not zero. */
  readonly isAnnotated: boolean;
  readonly pageState: CountedState;
  /** Who owns the page, where an annotation records it. */
  readonly owner: number;
  /** The page that a present leaf maps; 0 where it maps none. */
  readonly page: bigint;
  readonly canWrite: boolean;
  readonly isAccessed: boolean;
}

function decodeLeaf(word: bigint): LeafValue {
  const { read, write, execute, page, pageState, accessed } = CountedLeaf.decode(word);
  const isPresent = read || write || execute;
  return {
    isPresent,
    isHuge: isPresent && CountedBlock.get(word, 'mapsPage'),
    isAnnotated: !isPresent && word !== 0n,
    pageState: pageState as CountedState, // two bits: every value is one of the four
    owner: CountedAnnotation.get(word, 'owner'),
    page: isPresent ? page : 0n,
    canWrite: write,
    isAccessed: accessed,
  };
}

const decoded = new Map<bigint, LeafValue>();
const maxDecoded = 65_536;

/** Decodes a leaf of any level. Remembered, because a call looks at the same few again and again. */
export function leafValue(word: bigint): LeafValue {
  const known = decoded.get(word);
  if (known !== undefined) return known;
  const value = decodeLeaf(word);
  if (decoded.size >= maxDecoded) decoded.clear();
  decoded.set(word, value);
  return value;
}

/**
 * Whether a translation that may be cached of the first word is wrong by the second: more than the state differs. A
 * leaf that mapped nothing leaves nothing cached. facts/pkvm-2026.md 1.2, R6.
 */
export function isStaleAfter(before: bigint, after: bigint): boolean {
  const translation = (word: bigint): Prot => withState(protOf(word), CountedState.PKVM_PAGE_NONE);
  if (!leafValue(before).isPresent) return false;
  return leafValue(before).page !== leafValue(after).page || translation(before) !== translation(after);
}

/** The leaf as it is when nobody has used it since. */
export const madeOld = (word: bigint): bigint => CountedLeaf.with(word, { accessed: false });

/** A leaf in words: `OWNED 0x400000 rwx`, `not mapped, owner HYP`, `not mapped`. */
export function showCountedLeaf(word: bigint): string {
  const { isPresent, isHuge, isAnnotated, pageState, owner, page } = leafValue(word);
  if (isAnnotated) return `not mapped, owner ${ownerName(owner)}`;
  if (!isPresent) return 'not mapped';
  const { read, write, execute } = CountedLeaf.decode(word);
  const rights = `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
  const named = pageState === CountedState.PKVM_PAGE_NONE ? '' : `${stateName(pageState)} `;
  return `${named}0x${page.toString(16)} ${rights}${isHuge ? ' large' : ''}`;
}
