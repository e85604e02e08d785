import { addressHex } from '../../../../bits/index.ts';
import { facts } from '../../../../citation.ts';
import { type Answer, asked, type CountedCheck } from '../../check.ts';
import { CountedErrno } from '../../outcome.ts';
import type { Arm64Call, Arm64Unit } from '../call-context.ts';
import { arm64StateName, needsXnx, PROT_MASK, showStage2Leaf, stage2Value } from '../leaf.ts';
import type { Stage2Leaf } from '../table.ts';
import { allowedMemory, type Arm64Inquiry } from './memory.ts';
import { Arm64PageState } from '../../../../arm64/index.ts';

/** What is asked of a guest and its leaves: facts/pkvm-2026.md 2.2, facts/arm64-record.md 3. */

type CallCheck = CountedCheck<Arm64Call, Arm64Call>;
type LeafCheck = CountedCheck<Stage2Leaf, Arm64Call>;
const PAGE = 0x1000n;
const BLOCK_PAGES = 512n;

const ofCall = (...checks: readonly CallCheck[]): Arm64Inquiry =>
  asked((call: Arm64Call) => [call], checks);

/** The kind of VM, which only the functions that change rights ask for. */
export const notProtected = ofCall({
  name: 'vm.normal',
  answer: CountedErrno.EPERM,
  rule: 'the VM is not protected',
  source: facts.arm64Record('3', 'protected -EPERM'),
  holds: ({ machine, vm }) => machine.vm(vm)?.isProtected === false,
  found: ({ vm }) => `VM ${vm} is protected`,
});

export const isDying = ofCall({
  name: 'vm.dying',
  answer: CountedErrno.EINVAL,
  rule: 'the teardown of the VM has begun',
  source: facts.arm64Record('3', '-EINVAL unless dying'),
  holds: ({ machine, vm }) => machine.vm(vm)?.isDying === true,
  found: ({ vm }) => `VM ${vm} is not dying`,
});

export const protIsPlain = ofCall({
  name: 'prot.bits',
  answer: CountedErrno.EINVAL,
  rule: 'only rights are asked for: PX, UX, W, R',
  source: facts.arm64Record('3', 'prot & ~0xf -EINVAL'),
  holds: ({ prot }) => (prot & ~PROT_MASK) === 0n,
  found: ({ prot }) => `prot ${addressHex(prot)}`,
});

export const executionCanBeSaid = ofCall({
  name: 'prot.xnx',
  answer: CountedErrno.EINVAL,
  rule: 'execution is granted at both exception levels or at none, unless the processor has FEAT_XNX',
  source: facts.arm64Record('3', 'PX xor UX without XNX -EINVAL'),
  holds: ({ prot, machine }) => machine.hasXnx || !needsXnx(prot),
  found: ({ prot }) => `prot ${addressHex(prot)}`,
});

/** `__guest_check_transition_size`: one page, or one block with both addresses aligned to it. */
export const sizeRule = (aligned: (call: Arm64Call) => readonly bigint[]): Arm64Inquiry =>
  ofCall({
    name: 'nr.block',
    answer: CountedErrno.EINVAL,
    rule: 'the call is for one page, or for 512 pages from a multiple of 2 MByte on',
    source: facts.pkvm2026('2.2', 'size rule (1 page or one block, both aligned)'),
    holds: call =>
      call.nr === 1n ||
      (call.nr === BLOCK_PAGES && aligned(call).every(address => address % (BLOCK_PAGES * PAGE) === 0n)),
    found: ({ nr, pfn, gfn }) => `${nr} pages, pfn ${addressHex(pfn)}, gfn ${addressHex(gfn)}`,
  });

const insideTable = ({ machine, vm, ipa, nr }: Arm64Call, pages: bigint = nr): boolean =>
  ipa + pages * PAGE <= machine.guest(vm).end;

/** A walk beyond the input size is -ERANGE, or whatever the caller makes of it. */
export const insideInputSize = (answer: Answer = CountedErrno.ERANGE, pages?: bigint): Arm64Inquiry =>
  ofCall({
    name: 'gfn.range',
    answer,
    rule: 'the frames end below the input size of the guest',
    source: facts.arm64Record('3', 'gfn whose end is past 2^(ipa-12)'),
    holds: call => insideTable(call, pages),
    found: ({ gfn, nr }) => `gfn ${addressHex(gfn)}, ${nr} pages`,
  });

const leafFound = ({ start, word, level }: Stage2Leaf): string =>
  `the leaf of ${addressHex(start)} at level ${level} is ${showStage2Leaf(word)}`;
const firstLeaf = ({ machine, vm, ipa }: Arm64Call): readonly Stage2Leaf[] => [machine.guest(vm).leaf(ipa)];
const ofLeaf = (...checks: readonly LeafCheck[]): Arm64Inquiry => asked(firstLeaf, checks);

/** Nothing is mapped and nothing poisoned in the frames of the call; an emptied table is fine. */
export const guestIsFree: readonly Arm64Inquiry[] = [
  insideInputSize(),
  asked(
    ({ machine, vm, ipa, nr }: Arm64Call) => machine.guest(vm).leaves(ipa, nr * PAGE),
    [
      {
        name: 'leaf.free',
        answer: CountedErrno.EPERM,
        rule: 'the guest has nothing at those frames (NOPAGE)',
        source: facts.pkvm2026('2.2', 'guest NOPAGE'),
        holds: ({ word }) => !stage2Value(word).isValid && !stage2Value(word).isPoisoned,
        found: leafFound,
      },
    ],
  ),
];

const leafIsValid: LeafCheck = {
  name: 'leaf.valid',
  answer: CountedErrno.ENOENT,
  rule: 'the guest has mapped that frame',
  source: facts.pkvm2026('2.2', 'leaf valid -ENOENT'),
  holds: ({ word }) => stage2Value(word).isValid,
  found: leafFound,
};

const leafStateIs = (...states: readonly number[]): LeafCheck => ({
  name: 'leaf.state',
  answer: CountedErrno.EPERM,
  rule: `the state of the leaf is ${states.map(arm64StateName).join(' or ')}`,
  source: facts.pkvm2026('2.2', 'first PTE decides'),
  holds: ({ word }) => states.includes(stage2Value(word).state),
  found: leafFound,
});

/** The part of a call that a valid leaf says: what it maps. */
export function* leafUnit({ machine, vm, ipa }: Arm64Call): Generator<Arm64Unit> {
  const { word, start, size } = machine.guest(vm).leaf(ipa);
  const { isValid, phys } = stage2Value(word);
  if (isValid) yield { phys, ipa: start, size };
}

/** `get_valid_guest_pte`: a page that is mapped as such, and RAM. `poison`: what a page taken by force is. */
export const validGuestPage = (poison: Answer = CountedErrno.EHWPOISON): readonly Arm64Inquiry[] => [
  insideInputSize(CountedErrno.ERANGE, 1n),
  ofLeaf(
    {
      name: 'leaf.poison',
      answer: poison,
      rule: 'the page has not been taken by force',
      source: facts.pkvm2026('2.2', '-EHWPOISON, -ENOENT, -E2BIG in this order'),
      holds: ({ word }) => !stage2Value(word).isPoisoned,
      found: leafFound,
    },
    leafIsValid,
    {
      name: 'leaf.last_level',
      answer: CountedErrno.E2BIG,
      rule: 'the frame is mapped by a leaf of the last level',
      source: facts.pkvm2026('2.2', '-EHWPOISON, -ENOENT, -E2BIG in this order'),
      holds: ({ level }) => level === 3,
      found: leafFound,
    },
  ),
];

export const guestLeafIs = (...states: readonly number[]): Arm64Inquiry => ofLeaf(leafStateIs(...states));

/** `__check_host_shared_guest`, its first half: a leaf of the size that is asked for, borrowed. */
export const borrowedLeaf: readonly Arm64Inquiry[] = [
  insideInputSize(CountedErrno.ERANGE, 1n),
  ofLeaf(
    leafIsValid,
    {
      name: 'leaf.size',
      answer: CountedErrno.E2BIG,
      rule: 'the leaf is as large as the call says',
      source: facts.pkvm2026('2.2', 'same size -E2BIG'),
      holds: ({ size }, { nr }) => size === nr * PAGE,
      found: leafFound,
    },
    leafStateIs(Arm64PageState.SHARED_BORROWED),
  ),
];

/** The same questions of memory that are asked of a call, asked of what its leaf maps. */
export const ofMapped = (inquiries: readonly Arm64Inquiry[]): readonly Arm64Inquiry[] =>
  inquiries.map(({ checks, firstFailure }) => ({
    checks,
    firstFailure: (call, _, isAsked) => {
      for (const unit of leafUnit(call)) {
        const failure = firstFailure(call, unit, isAsked);
        if (failure !== undefined) return failure;
      }
      return undefined;
    },
  }));

/** What a guest maps is RAM: an assertion. */
export const mapsRam: readonly Arm64Inquiry[] = ofMapped([allowedMemory({ asserted: true })]);

/** The memcache holds what mapping one leaf could need, even where no table is needed. */
export const memcacheHolds = ofCall({
  name: 'memcache.pages',
  answer: CountedErrno.ENOMEM,
  rule: 'the memcache of the vCPU holds 3 pages, what mapping one leaf could need',
  source: facts.arm64Record('1', '-ENOMEM exactly when the number is < 3'),
  holds: ({ machine, vm, columns }) =>
    columns.guestMapMemory !== 'memcache asked first' || machine.memcache(vm) >= MEMCACHE_MIN,
  found: ({ machine, vm }) => `it holds ${machine.memcache(vm)} pages`,
});
const MEMCACHE_MIN = 3;
