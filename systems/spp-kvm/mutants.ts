import {
  type KvmDecisions,
  type KvmRevision,
  revision,
  spread,
  type Steps,
} from '../../model/kvm/index.ts';
import type { TriedFault } from '../system.ts';
import { asksNextPage, exchangeUnchecked, reportsFrameNumber, writesThenAsks } from './faults/emulation.ts';
import {
  armsWhileLogging,
  asksRunExitReason,
  installsThenMarks,
  largeOverProtected,
  missFailsWithoutMemslot,
  missKeepsLock,
  neverRevalidates,
  prefetchUnmarked,
  restoresWriteAccess,
  trustsBit61,
} from './faults/fault.ts';
import {
  checksRootOnly,
  firstMemslotOnly,
  ignoresFlags,
  lockDroppedInBetween,
  marksAfterWriteProtect,
  oneTooMany,
  pageByPage,
  skipsLargePage,
  skipsPageAfterRegion,
} from './faults/set.ts';
import {
  enablesAgain,
  moduleWideFlag,
  othersKeepRoot,
  rootOfFirstVcpu,
  savesInTwoWrites,
  tellsNoVcpu,
} from './faults/vm.ts';
import { both, facts, ours, seed } from '../../model/citation.ts';

/** A fault of KVM as the checker tries it. */
export type SppKvmMutant = TriedFault<KvmDecisions>;

const withColumns =
  (columns: Partial<KvmRevision>) =>
  ({ revision: row }: KvmDecisions): Pick<KvmDecisions, 'revision'> => ({
    revision: { ...row, ...columns },
  });

/** Faults of the code of v9 to v12. D10 has no state here: it is about the kernel's heap. */
const code: readonly SppKvmMutant[] = [
  {
    name: 'D1',
    about:
      'SET skips a page after each 2-MByte region that it flushes, so a range that ends on the first page of a region leaves that region valid',
    source: facts.eptSpp('5', 'D1'),
    profile: 'boundary-atomic',
    change: () => ({ regionsToFlush: skipsPageAfterRegion }),
  },
  {
    name: 'D2',
    about: 'SET drops mmu_lock between flushing the SPPT and updating the vectors',
    source: facts.eptSpp('5', 'D2'),
    profile: 'race',
    change: () => ({ setSections: lockDroppedInBetween }),
  },
  {
    name: 'D3',
    about: 'SET writes vectors page by page and returns -EFAULT at the first hole',
    source: facts.eptSpp('5', 'D3'),
    profile: 'memslots',
    change: () => ({ checkSet: checksRootOnly, writeVectors: pageByPage }),
  },
  {
    name: 'D4',
    about: 'a page is mapped writable first and marked afterwards: another vCPU writes in between',
    source: facts.eptSpp('5', 'D4'),
    profile: 'two-vcpus',
    change: () => installsThenMarks,
  },
  {
    name: 'D5',
    about: 'the rebuilding of a flushed region may never make its L2E valid again',
    source: facts.eptSpp('5', 'D5'),
    change: () => ({ handleMiss: neverRevalidates }),
  },
  {
    name: 'D6',
    about: 'SET jumps over a large page without advancing in the list of vectors',
    source: facts.eptSpp('5', 'D6'),
    profile: 'region',
    change: () => ({ writeVectors: skipsLargePage }),
  },
  {
    name: 'D7',
    about: 'SET marks a leaf by way of write-protecting it, which moves bit 61 to its saved copy',
    source: facts.eptSpp('5', 'D7'),
    change: () => ({ updateMappings: marksAfterWriteProtect }),
  },
  {
    name: 'D8',
    about: 'the page-fault path takes the exit reason of the exit before for its own',
    source: facts.eptSpp('5', 'D8'),
    change: () => asksRunExitReason,
  },
  {
    name: 'D9-page',
    about: 'the emulator denies a write to a permitted sub-page of a protected page',
    source: facts.eptSpp('5', 'D9', 'page granularity'),
    change: withColumns({ emulation: 'whole page' }),
  },
  {
    name: 'D9-end',
    about: 'the emulator asks for the next page too when a write ends at the end of its page',
    source: facts.eptSpp('5', 'D9', 'off by one at page end'),
    profile: 'region',
    change: () => ({ emulatedWriteDenied: asksNextPage }),
  },
  {
    name: 'D9-address',
    about: 'the emulator reports the frame number instead of the address',
    source: facts.eptSpp('5', 'D9', 'spp.addr=gfn'),
    change: () => ({ emulatedWriteDenied: reportsFrameNumber }),
  },
  {
    name: 'D9-cmpxchg',
    about: 'the emulator does not ask before a compare-and-exchange',
    source: facts.eptSpp('5', 'D9', 'cmpxchg path unchecked'),
    change: () => ({ emulatedWriteDenied: exchangeUnchecked }),
  },
  {
    name: 'D11',
    about: "SET updates the mappings of the first frame's memslot only",
    source: facts.eptSpp('5', 'D11'),
    profile: 'memslots',
    change: () => ({ updateMappings: firstMemslotOnly }),
  },
  {
    name: 'D12',
    about: 'a flag of the kernel module gives every later VM the control',
    source: facts.eptSpp('5', 'D12'),
    profile: 'host',
    change: () => moduleWideFlag,
  },
  {
    name: 'D13',
    about: 'a vCPU frees the shared SPPT root while the others go on using it',
    source: facts.eptSpp('5', 'D13'),
    profile: 'two-vcpus',
    change: () => ({ freeRoots: othersKeepRoot }),
  },
  {
    name: 'D14',
    about:
      'deleting one memslot switches SPP off for the whole VM, with bit 61 left in the leaves of others',
    source: facts.eptSpp('5', 'D14'),
    profile: 'memslots',
    change: withColumns({ memslotDeleteDeactivates: true }),
  },
  {
    name: 'D15',
    about: 'SPP enabled before any vCPU exists has no SPPT root',
    source: facts.eptSpp('5', 'D15'),
    profile: 'host',
    change: () => ({ enable: rootOfFirstVcpu }),
  },
  {
    name: 'D16',
    about: 'write-protecting for the dirty log clears bit 61 and sets its saved copy in two writes',
    source: facts.eptSpp('5', 'D16'),
    profile: 'logging',
    change: () => ({ loggingSections: savesInTwoWrites }),
  },
];

/** What the reviews of the series found. */
const reviews: readonly SppKvmMutant[] = [
  {
    name: 'logging-loses-bit-61',
    about:
      'write-protecting for the dirty log leaves bit 61 in the leaf: the SPPT goes on permitting writes unlogged',
    source: facts.eptSpp('5', 'Paolo v4 7/9'),
    profile: 'logging',
    change: withColumns({ savesSpp: false }),
  },
  {
    name: 'large-over-protected',
    about: 'a large page maps a protected one',
    source: facts.eptSpp('5', 'Paolo v4 8/9'),
    profile: 'region',
    change: () => ({ mappingLevel: largeOverProtected }),
  },
  {
    name: 'emulation-unchecked',
    about: 'a write that KVM emulates is not checked at all',
    source: facts.eptSpp('5', 'Jim v5'),
    change: withColumns({ emulation: 'unchecked' }),
  },
  {
    name: 'one-frame-rebuilt',
    about: "an SPP miss rebuilds the faulting page's vector only: its neighbours' stay all zero",
    source: facts.eptSpp('5', 'author v7 changelog'),
    profile: 'region',
    change: withColumns({ missRebuilds: 'page' }),
  },
  {
    name: 'instruction-skipped',
    about: 'KVM moves RIP past the denied write before user space can allow it',
    source: facts.eptSpp('5', '6/9: kvm_skip_emulated_instruction makes'),
    change: withColumns({ skipsInstruction: true }),
  },
  {
    name: 'miss-fails',
    about: 'an SPP miss on a page whose memslot has gone makes KVM_RUN fail',
    source: facts.eptSpp('5', 'Paolo v7… missing slot must not return -EFAULT from an exit handler'),
    profile: 'memslots',
    change: () => ({ handleMiss: missFailsWithoutMemslot }),
  },
  {
    name: 'root-gone',
    about:
      'the SPPT root is freed with the EPT roots, SPP is off, and the vCPUs go on walking the freed page',
    source: facts.eptSpp('5', 'Sicleru (v11)'),
    profile: 'two-vcpus',
    change: withColumns({ freedRoot: 'gone' }),
  },
  {
    name: 'prefetch-unmarked',
    about: 'a page that KVM maps unasked is writable whatever its vector',
    source: facts.eptSpp('3.2', 'must also mark W=0 S=1 (added v9 / v3)'),
    change: () => ({ installLeaf: prefetchUnmarked }),
  },
  {
    name: 'flags-ignored',
    about: 'GET and SET do not look at the flags',
    source: facts.eptSpp('5', 'Paolo v7 1/9'),
    change: () => ({ copyArgument: ignoresFlags }),
  },
];

/** One for every other decision: what it is there for. */
const decisions: readonly SppKvmMutant[] = [
  {
    name: 'trusts-bit-61',
    about:
      'an EPT violation on a leaf with bit 61 counts as a denial, although it may be older than the mapping',
    source: both(seed('002', 'if (spte & PT_SPP_MASK)'), ours('found here')),
    change: () => ({ isDenied: trustsBit61 }),
  },
  {
    name: 'arms-while-logging',
    about:
      'a page that a read maps during dirty logging gets bit 61 at once, so its first write is not logged',
    source: both(facts.eptSpp('3.2', 'install, then mark W=0 S=1'), ours('found here')),
    profile: 'logging',
    change: () => ({ installLeaf: armsWhileLogging }),
  },
  {
    name: 'marks-while-logging',
    about:
      'SET hands a leaf that waits for its next access to the SPPT in place: the access is never given back, the write never logged',
    source: both(facts.eptSpp('3.2', 'mark leafs W=0,S=1 (v5..v8)'), ours('found here')),
    profile: 'logging',
    change: withColumns({ setOnMapped: 'mark' }),
  },
  {
    name: 'restores-W',
    about: 'a fault on a write-protected page gives W back where bit 61 was saved',
    source: facts.eptSpp('5', 'Paolo v4 7/9… restore S (not W) on fault'),
    profile: 'logging',
    change: () => ({ fastPageFault: restoresWriteAccess }),
  },
  {
    name: 'writes-then-asks',
    about: 'the emulator writes first and reports the denial afterwards: a retry writes a second time',
    source: facts.eptSpp('4', 'K6'),
    profile: 'logging',
    change: () => ({ emulateWrite: writesThenAsks }),
  },
  {
    name: 'lock-kept',
    about: 'an SPP miss on a page whose memslot has gone returns early, with mmu_lock held for good',
    source: ours('the unlocking itself'),
    profile: 'memslots',
    change: () => missKeepsLock,
  },
  {
    name: 'no-flush',
    about: 'processors keep what they cached',
    source: facts.eptSpp('2', 'Model stale grants until flush'),
    change: () => ({ flushRemoteTlbs: () => undefined }),
  },
  {
    name: 'odd-bits',
    about: 'the vector is spread to the odd bits of the L1E',
    source: seed('001', 'Format of the SPPT L1E'),
    change: () => ({ spread: vector => spread(vector) * 2n }),
  },
  {
    name: 'not-spread',
    about: 'the vector is written to the L1E as it is',
    source: facts.eptSpp('3.1', 'bit i -> bit 2i'),
    change: () => ({ spread: BigInt }),
  },
  {
    name: 'regions-kept',
    about: 'SET leaves the L2Es valid',
    source: facts.eptSpp('5', 'Paolo v4 5/9'),
    change: () => ({ regionsToFlush: () => [] }),
  },
  {
    name: 'mappings-kept',
    about: 'SET leaves the mappings as they are',
    source: facts.eptSpp('3.2', 'zap 4K/2M mappings of the range'),
    change: () => ({ updateMappings: () => undefined }),
  },
  {
    name: 'one-too-many',
    about: 'SET writes the last vector to the page behind the range as well',
    source: facts.eptSpp('4', 'K1'),
    profile: 'region',
    change: () => ({ writeVectors: oneTooMany }),
  },
  {
    name: 'no-vcpu-told',
    about: 'enabling SPP gives no vCPU the control and the root',
    source: facts.eptSpp('3.2', 'each vCPU: request to load SPPTP and set control bit 23'),
    change: () => ({ enable: tellsNoVcpu }),
  },
  {
    name: 'enabled-again',
    about: 'enabling SPP a second time resets every vector',
    source: facts.eptSpp('3.2', 'active -> 0'),
    change: () => ({ enable: enablesAgain }),
  },
];

const asPosted: Partial<Steps> = {
  regionsToFlush: skipsPageAfterRegion,
  setSections: lockDroppedInBetween,
  checkSet: checksRootOnly,
  writeVectors: pageByPage,
  isDenied: trustsBit61,
  ...installsThenMarks,
  ...asksRunExitReason,
  ...moduleWideFlag,
  freeRoots: othersKeepRoot,
};

/** The series as it was posted, with all its faults at once: what exploration finds in it by itself. */
const posted: readonly SppKvmMutant[] = (['v9', 'v10', 'v11', 'v12'] as const).flatMap(name => {
  const lateMiss = name === 'v10' || name === 'v11' ? { handleMiss: neverRevalidates } : {};
  const change = (decisions: KvmDecisions): Partial<KvmDecisions> => ({
    ...asPosted,
    ...lateMiss,
    ...withColumns(revision(name))(decisions),
  });
  const about = `the ${name} series as posted, with all of its faults`;
  return [
    { name: `${name}-as-posted`, about, source: facts.eptSpp('5', 'D1'), profile: 'race', change },
    {
      name: `${name}-as-posted-boundary`,
      about: `${about}, over two 2-MByte regions and with nothing else happening during a SET`,
      source: facts.eptSpp('5', 'D1'),
      profile: 'boundary-atomic',
      change,
    },
  ];
});

export const sppKvmMutants: readonly SppKvmMutant[] = [...code, ...reviews, ...decisions, ...posted];
