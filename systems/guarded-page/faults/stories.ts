import { facts, guardedPage, type Source } from '../../../model/citation.ts';
import { faultOf } from '../../../model/fault.ts';
import { FULL_VECTOR, spread } from '../../../model/kvm/index.ts';
import { guardedLeaf, NEVER_MAPPED, OwnerId, PkvmLeaf, viewOf } from '../../../model/pkvm/index.ts';
import type { TriedFault } from '../../system.ts';
import type { CallName, StepName } from '../program.ts';
import type { GuardRules } from '../rules.ts';

const fault = faultOf<GuardRules>();
const rule = (words: string): Source => guardedPage('The ten rules', words);

const without = (
  programs: GuardRules['programs'],
  step: StepName,
  ...calls: readonly CallName[]
): GuardRules['programs'] =>
  calls.reduce<GuardRules['programs']>(
    (all, call) => ({ ...all, [call]: all[call].filter(each => each !== step) }),
    programs,
  );

/** What somebody who joins the two mechanisms may get wrong. */
export const stories: readonly TriedFault<GuardRules>[] = [
  fault(
    'vector-by-address',
    'vectors are kept by guest-physical address, as KVM keeps them: a mapping gets the vector of the one before',
    rule('A vector ends with its mapping'),
    ({ programs, mapped: map }) => ({
      programs: without(programs, 'forget', 'host_undonate_guest', 'host_unshare_guest'),
      mapped: (before, word, record) => {
        const leaf = map(before, word, record);
        return record === FULL_VECTOR ? leaf : guardedLeaf(leaf);
      },
    }),
  ),
  fault(
    'fields-not-words',
    'map and unmap write the fields that they name and leave bit 61 as it stands',
    rule('leaves nothing behind'),
    ({ mapped: map }) => ({
      unmapped: before => PkvmLeaf.with(0n, { subPageWrite: PkvmLeaf.get(before, 'subPageWrite') }),
      mapped: (before, word, record) =>
        PkvmLeaf.with(map(before, word, record), { subPageWrite: PkvmLeaf.get(before, 'subPageWrite') }),
    }),
  ),
  fault(
    'write-kept-beside-bit-61',
    'guarding a page sets bit 61 and leaves W as it is',
    rule('Bit 61 takes the place of W'),
    () => ({
      marked: (leaf, vector) =>
        PkvmLeaf.with(
          leaf,
          vector === FULL_VECTOR ? { write: true, subPageWrite: false } : { subPageWrite: true },
        ),
    }),
  ),
  fault(
    'bit-61-kept-when-opened',
    'a vector that becomes full gives W back and leaves bit 61',
    rule('Bit 61 takes the place of W'),
    ({ marked }) => ({
      marked: (leaf, vector) =>
        vector === FULL_VECTOR ? PkvmLeaf.with(leaf, { write: true }) : marked(leaf, vector),
    }),
  ),
  fault(
    'state-read-with-bit-61',
    'the page state is taken from bits 61:56, and what is none of the four names is read as a leaf that maps nothing',
    rule('The page state is bits 57:56 and nothing else'),
    () => ({
      stateSeen: leaf => (PkvmLeaf.get(leaf, 'subPageWrite') ? NEVER_MAPPED : leaf),
    }),
  ),
  fault(
    'guest-paging-verified',
    'the processor is told to verify guest paging, and reads it from bit 57 of the page state',
    rule('the processor does not verify guest paging'),
    () => ({ verifiesGuestPaging: true }),
  ),
  fault(
    'flush-where-the-leaf-changed',
    'a change of vectors flushes where the leaf changed, as a change of the page state does, and not where the vector alone did',
    rule('What permits is flushed before anyone relies on its end'),
    ({ programs }) => ({
      programs: without(programs, 'flush', 'spp_set'),
      marksAndFlushes: (before, after) => before !== after,
    }),
  ),
  fault(
    'flush-forgets-vectors',
    'a flush takes translations out of the caches and leaves the vectors that go with them',
    rule('What permits is flushed before anyone relies on its end'),
    ({ flush }) => ({ flush: { ...flush, vectors: false } }),
  ),
  fault(
    'flush-forgets-translations',
    'a flush takes vectors out of the caches and leaves the translations',
    rule('What permits is flushed before anyone relies on its end'),
    ({ flush }) => ({ flush: { ...flush, translations: false } }),
  ),
  fault(
    'flush-forgets-tables',
    'a flush leaves what a processor remembers of the SPPT above the vectors',
    rule("The SPPT's pages are the hypervisor's"),
    ({ flush }) => ({ flush: { ...flush, tables: false } }),
  ),
  {
    ...fault(
      'flush-on-one-cpu',
      'a flush reaches only the CPU that makes the call',
      rule('What permits is flushed before anyone relies on its end'),
      ({ flush }) => ({ flush: { ...flush, everyCpu: false } }),
    ),
    profile: 'two-cpus',
  },
  fault(
    'miss-without-lock',
    'an SPP miss is answered while a call is on its way',
    rule('A miss is answered under the lock'),
    () => ({ missWaits: false }),
  ),
  {
    ...fault(
      'miss-arms-everything',
      'the answer to a miss writes a vector for every page of the region, guarded or not',
      rule('A miss is answered under the lock'),
      ({ rebuilt }) => ({
        rebuilt: (record, before) => (record === FULL_VECTOR ? spread(record) : rebuilt(record, before)),
      }),
    ),
    profile: 'two-gpas',
  },
  fault(
    'miss-answered-with-nothing',
    'the answer to a miss makes the region valid and leaves the vectors as they were',
    facts.eptSpp('5', 'handle_spp built only one gfn'),
    () => ({ rebuilt: (_, before) => before }),
  ),
  fault(
    'denial-told-to-host',
    'every denied sub-page write goes to host user space, as KVM_EXIT_SPP does',
    rule('A denial is told to the holder'),
    ({ report }) => ({
      report: (denial, holder) =>
        denial.why === 'sub-page'
          ? { to: OwnerId.PKVM_ID_HOST, address: denial.address, qualification: denial.qualification }
          : report(denial, holder),
    }),
  ),
  fault(
    'address-told-in-full',
    'the host is told the whole address of a write to a page that is not there',
    rule('A denial is told to the holder'),
    ({ report }) => ({
      report: (denial, holder) => ({ ...report(denial, holder), address: denial.address }),
    }),
  ),
  fault(
    'qualification-told-in-full',
    'the host is told the whole exit qualification',
    rule('A denial is told to the holder'),
    ({ report }) => ({
      report: (denial, holder) => ({ ...report(denial, holder), qualification: denial.qualification }),
    }),
  ),
  fault(
    'denial-of-rights-told-to-host',
    'a write to a page that a protected guest holds read-only is reported to the host like a missing page',
    rule('A denial is told to the holder'),
    ({ report }) => ({
      report: (denial, holder) =>
        denial.why === 'permission'
          ? report({ ...denial, why: 'not-present' }, holder)
          : report(denial, holder),
    }),
  ),
  fault(
    'host-leaf-with-bit-61',
    'one routine makes the leaves of every table, and the host gets its page back with bit 61',
    rule('leaves nothing behind'),
    () => ({
      hostMapped: word => (viewOf(word).isPresent ? PkvmLeaf.with(word, { subPageWrite: true }) : word),
    }),
  ),
  fault(
    'remembered-before-checked',
    'a vector is remembered before it is known that it may be set, and stays when the call is refused',
    facts.eptSpp('5', 'partial update'),
    () => ({ remembersFirst: true }),
  ),
];
