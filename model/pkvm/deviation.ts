import { EptMemoryType } from '../ept/entry.ts';
import { donateChecks, shareChecks, unshareChecks, type Check } from './check.ts';
import { PAGE_SIZE } from './tables.ts';
import { OwnerId, PageState, PkvmAnnotation, PkvmLeaf } from './leaf.ts';
import { donateWrites, shareWrites, type StepWrite, unshareWrites, type WrittenField } from './write.ts';

/**
 * How an implementation may differ from the specification, by name: a check left out, a write left out or wrong in
 * one field, or one of the behaviours below. The specification is the empty set. Mutants and dialects are sets of
 * these, so that both run through the one code.
 */
export type Deviations = ReadonlySet<string>;

export const asSpecified: Deviations = new Set();

/** Checks of the arguments, made before any leaf is read. */
export const argumentChecks = [
  'arguments.size_zero',
  'arguments.aligned',
  'arguments.wrap',
  'arguments.vm',
  'arguments.prot',
  'arguments.ram',
  'arguments.table_pages',
  'kind.protected',
  'kind.normal',
] as const;
export type ArgumentCheck = (typeof argumentChecks)[number];

/** What code really did, beyond a missing check or a wrong word. facts/pkvm.md 5. */
export const behaviours = {
  /** B3: guest_unshare_host subtracts pages from an unaligned size until it wraps, and runs on. */
  unshare_size_underflows: 'guest_unshare_host subtracts 4 KByte from the size until it is exactly zero',
  /** B4: no table page for the completer is noticed after the initiator was changed; the caller sees +1. */
  late_enomem:
    'a table page is asked for only after the initiator was changed, and the failure is returned as +1',
  /** B6: one annotation size is chosen for the whole range, and a start that does not fit it fails half-way. */
  large_annotation:
    'a range of two pages or more is annotated with one large leaf, which fails when not aligned to it',
  /** B8: the page that is mapped is compared with the named one only while unmapping. */
  page_asserted_late:
    'the mapped page is compared with the named page only after the initiator was changed',
  /** B12: a gpa that is mapped already is taken for done, whatever it maps. */
  present_leaf_accepted: 'a gpa that is present already is success, whatever page it maps',
  /** B15 and the guest calls of the early code: each page is checked and applied before the next is looked at. */
  page_by_page:
    'a range is checked and applied page by page, so a refusal leaves the earlier pages changed',
  /** The guest calls alone, page by page. */
  guest_calls_page_by_page:
    'guest_share_host and guest_unshare_host go page by page and stop at the first error',
  /** B16: the host side of unshare looks at the leaf of the gpa. */
  unshare_checks_gpa: 'host_unshare_guest looks up the host leaf at the gpa instead of the hpa',
  /** B24: the owner id is read with the mask 0xF. */
  owner_mask_4_bits: 'the recorded owner id is read through the mask 0xF',
} as const;
export type Behaviour = keyof typeof behaviours;

const valuesDeep = (table: object): unknown[] => Object.values(table).flatMap(Object.values).flat();

/** Every check of a leaf, in the order of the verbs. */
export const leafChecks: readonly Check[] = [donateChecks, shareChecks, unshareChecks].flatMap(
  table => valuesDeep(table) as Check[],
);

/** Every write of a leaf. */
export const stepWrites: readonly StepWrite[] = [donateWrites, shareWrites, unshareWrites].flatMap(
  table => valuesDeep(table).filter(step => step !== undefined) as StepWrite[],
);

/** `share.complete.guest:left_out`, `share.complete.guest:pageState`. */
export const writeFault = (step: StepWrite, fault: WrittenField | 'left_out'): string =>
  `${step.name}:${fault}`;

const wrongState: Record<PageState, PageState> = {
  [PageState.PKVM_NOPAGE]: PageState.PKVM_PAGE_OWNED,
  [PageState.PKVM_PAGE_OWNED]: PageState.PKVM_PAGE_SHARED_OWNED,
  [PageState.PKVM_PAGE_SHARED_OWNED]: PageState.PKVM_PAGE_OWNED,
  [PageState.PKVM_PAGE_SHARED_BORROWED]: PageState.PKVM_PAGE_SHARED_OWNED,
};

const corrupt: Record<WrittenField, (word: bigint) => bigint> = {
  pageState: word =>
    PkvmLeaf.with(word, { pageState: wrongState[PkvmLeaf.get(word, 'pageState') as PageState] }),
  ownerId: word =>
    PkvmAnnotation.with(word, {
      ownerId:
        PkvmAnnotation.get(word, 'ownerId') === OwnerId.PKVM_ID_HYP
          ? OwnerId.PKVM_ID_HOST
          : OwnerId.PKVM_ID_HYP,
    }),
  page: word => PkvmLeaf.with(word, { page: PkvmLeaf.get(word, 'page') + PAGE_SIZE }),
  memoryType: word => PkvmLeaf.with(word, { memoryType: EptMemoryType.UC }),
  write: word => PkvmLeaf.with(word, { write: !PkvmLeaf.get(word, 'write') }),
};

/** The word that a step writes under the deviations; `undefined` where it writes nothing at all. */
export function deviatingWord(step: StepWrite, word: bigint, deviations: Deviations): bigint | undefined {
  if (deviations.size === 0) return word;
  if (deviations.has(writeFault(step, 'left_out'))) return undefined;
  return step.fields
    .filter(field => deviations.has(writeFault(step, field)))
    .reduce((result, field) => corrupt[field](result), word);
}
