import {
  AnnotationType,
  Arm64PageState,
  HypPage,
  LeafState,
  OwnerAnnotation,
  pageRecordOf,
  Stage2Block2M,
  Stage2Page,
  TypedAnnotation,
} from '../../../arm64/index.ts';

/** Words that pKVM writes on arm64: stage-2 leaves, annotations and the records of hyp_vmemmap. facts/arm64-live.md 5. */

/** Levels of a stage-2 table: 3 is 4 KByte, 2 is 2 MByte, 0 is the root. */
export type Stage2LeafLevel = 0 | 1 | 2 | 3;

const { NOPAGE } = Arm64PageState;

/** `enum kvm_pgtable_prot` as far as a caller may give it. facts/arm64-record.md 3, "prot & ~0xf -EINVAL". */
export const KvmProt = { PX: 1n, UX: 2n, W: 4n, R: 8n } as const;
export const PROT_MASK = 0xfn;
const has = (prot: bigint, right: bigint): boolean => (prot & right) !== 0n;

/** Whether execution is granted at one exception level only, which needs FEAT_XNX. */
export const needsXnx = (prot: bigint): boolean => has(prot, KvmProt.PX) !== has(prot, KvmProt.UX);

/** XN 54:53. facts/arm64-record.md 3, "XN 54:53 (X 0, UX 1, none 2, PX 3)". */
const executeNever = (prot: bigint): number => {
  if (has(prot, KvmProt.PX)) return has(prot, KvmProt.UX) ? 0 : 3;
  return has(prot, KvmProt.UX) ? 1 : 2;
};

const grantsExecution = (prot: bigint): boolean => has(prot, KvmProt.PX) || has(prot, KvmProt.UX);

/** The word of a valid leaf: write-back, inner shareable, used already. */
export function stage2Leaf(phys: bigint, prot: bigint, state: number, level: Stage2LeafLevel): bigint {
  const attributes = {
    valid: true,
    memoryAttributes: 0xf,
    read: has(prot, KvmProt.R),
    write: has(prot, KvmProt.W),
    shareability: 3,
    accessFlag: true,
    executeNever: executeNever(prot),
    software: state,
    page: phys,
  };
  return level === 3
    ? Stage2Page.encode({ ...attributes, isTableOrPage: true })
    : Stage2Block2M.encode(attributes);
}

export const RWX = KvmProt.PX | KvmProt.UX | KvmProt.W | KvmProt.R;

/** What the host's own pages are mapped with. */
export const hostLeaf = (phys: bigint): bigint => stage2Leaf(phys, RWX, Arm64PageState.OWNED, 3);

/** What a leaf says. */
export interface Stage2LeafValue {
  readonly isValid: boolean;
  readonly isPoisoned: boolean;
  /** NOPAGE where it is invalid. */
  readonly state: number;
  readonly phys: bigint;
}

const values = new Map<bigint, Stage2LeafValue>();
const maxValues = 65_536;

export function stage2Value(word: bigint): Stage2LeafValue {
  const known = values.get(word);
  if (known !== undefined) return known;
  const isValid = Stage2Page.get(word, 'valid');
  const value = {
    isValid,
    isPoisoned: !isValid && TypedAnnotation.get(word, 'type') === AnnotationType.poisoned,
    state: isValid ? LeafState.get(word, 'pageState') : NOPAGE,
    phys: isValid ? Stage2Page.get(word, 'page') : 0n,
  };
  if (values.size >= maxValues) values.clear();
  values.set(word, value);
  return value;
}

const HYP = 1;
const GUEST = 2;

/** An invalid leaf of the host that says the hypervisor owns the page, in the form of 7.3 or the older one. */
export const hypAnnotation = {
  typed: TypedAnnotation.encode({ type: AnnotationType.donation, owner: HYP }),
  'owner id': OwnerAnnotation.encode({ ownerId: HYP }),
} as const;

const GFN_BITS = 40;

/** An invalid leaf of the host that says which VM owns the page, and at which frame. */
export const guestAnnotation = (handle: number, gfn: bigint): bigint =>
  TypedAnnotation.encode({
    type: AnnotationType.donation,
    owner: GUEST,
    handle,
    gfn: BigInt.asUintN(GFN_BITS, gfn),
  });

/** An invalid leaf of a guest whose page the host has taken by force. */
export const poisoned = TypedAnnotation.encode({ type: AnnotationType.poisoned });

/** What an annotation says, where it is one of a donation. */
export interface Donation {
  readonly isToGuest: boolean;
  readonly handle: number;
  readonly gfn: bigint;
}
export function donationOf(word: bigint): Donation | undefined {
  const { type, owner, handle, gfn } = TypedAnnotation.decode(word);
  return type === AnnotationType.donation ? { isToGuest: owner === GUEST, handle, gfn } : undefined;
}

export const withAccessFlag = (word: bigint, accessFlag: boolean): bigint =>
  Stage2Page.with(word, { accessFlag });
export const isAccessed = (word: bigint): boolean => Stage2Page.get(word, 'accessFlag');
export const withoutWrite = (word: bigint): bigint => Stage2Page.with(word, { write: false });
export const isWritable = (word: bigint): boolean => Stage2Page.get(word, 'write');

/** The leaf with rights added; execution, where asked for, replaces what there was. facts/arm64-record.md 3. */
export function relaxed(word: bigint, prot: bigint): bigint {
  return Stage2Page.with(word, {
    ...(has(prot, KvmProt.R) && { read: true }),
    ...(has(prot, KvmProt.W) && { write: true }),
    ...(grantsExecution(prot) && { executeNever: executeNever(prot) }),
  });
}

/** A record with some of its fields changed. `hyp` is the state itself; the record holds its complement. */
export interface Arm64RecordChange {
  readonly host?: number;
  readonly hyp?: number;
  readonly shareCount?: number;
  readonly refcount?: number;
}
export const arm64Record = (word: bigint, { host, hyp, shareCount, refcount }: Arm64RecordChange): bigint =>
  HypPage.with(word, {
    ...(host !== undefined && { hostState: host }),
    ...(hyp !== undefined && { hypStateComplement: hyp ^ NOPAGE }),
    ...(shareCount !== undefined && { hostShareGuestCount: shareCount }),
    ...(refcount !== undefined && { refcount }),
  });

export { pageRecordOf };

const stateNames = ['OWNED', 'SHARED_OWNED', 'SHARED_BORROWED', 'NOPAGE'] as const;
export const arm64StateName = (state: number): string => stateNames[state] ?? `state ${state}`;

export function showArm64Record(word: bigint): string {
  const { host, hyp, shareCount, refcount } = pageRecordOf(word);
  return [
    `host ${arm64StateName(host)}`,
    `hyp ${arm64StateName(hyp)}`,
    ...(shareCount === 0 ? [] : [`${shareCount} guest share${shareCount === 1 ? '' : 's'}`]),
    ...(refcount === 0 ? [] : [`refcount ${refcount}`]),
  ].join(', ');
}

export function showStage2Leaf(word: bigint): string {
  const { isValid, isPoisoned, state, phys } = stage2Value(word);
  if (isPoisoned) return 'poisoned';
  const donation = isValid ? undefined : donationOf(word);
  if (donation !== undefined) {
    if (!donation.isToGuest) return 'not mapped, owner hypervisor';
    return `not mapped, owner guest 0x${donation.handle.toString(16)} at gfn 0x${donation.gfn.toString(16)}`;
  }
  return isValid ? `${arm64StateName(state)} 0x${phys.toString(16)}` : 'not mapped';
}
