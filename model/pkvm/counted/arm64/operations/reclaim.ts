import { Arm64PageState } from '../../../../arm64/index.ts';
import { addressHex } from '../../../../bits/index.ts';
import { facts } from '../../../../citation.ts';
import { asked, type CountedCheck } from '../../check.ts';
import { BUG, CountedErrno } from '../../outcome.ts';
import type { Arm64Call, Arm64Unit } from '../call-context.ts';
import { guestLeafIs, isDying, leafUnit, mapsRam, ofMapped, validGuestPage } from '../checks/guest.ts';
import {
  type Arm64Inquiry,
  hasRecord,
  hostIs,
  recordCheck,
  arm64Pages,
  type Arm64Page,
} from '../checks/memory.ts';
import { type Donation, donationOf, showStage2Leaf, stage2Value } from '../leaf.ts';
import type { Arm64Machine, Arm64Vm } from '../machine.ts';
import { type Arm64Step, hostOwns, mapHost, poison, unmapFromGuest, zero } from '../steps.ts';
import type { Stage2Leaf } from '../table.ts';
import type { Arm64Operation } from './hyp.ts';

/** How a page comes back from a guest: when its VM dies, and by force. facts/pkvm-2026.md 2.2. */

const { OWNED, SHARED_OWNED, SHARED_BORROWED, NOPAGE } = Arm64PageState;
const PAGE = 0x1000n;

const stateOf = ({ machine, vm, ipa }: Arm64Call): number =>
  stage2Value(machine.guest(vm).leaf(ipa).word).state;

/** What the host's record must say, by the state of the guest's leaf: an assertion. */
const hostFits: readonly Arm64Inquiry[] = [
  { state: OWNED, host: NOPAGE },
  { state: SHARED_OWNED, host: SHARED_BORROWED },
].flatMap(({ state, host }) =>
  ofMapped(hostIs(host, BUG)).map(({ checks, firstFailure }) => ({
    checks,
    firstFailure: (
      call: Arm64Call,
      unit: Arm64Unit,
      isAsked: Parameters<Arm64Inquiry['firstFailure']>[2],
    ) => (stateOf(call) === state ? firstFailure(call, unit, isAsked) : undefined),
  })),
);

/** A page that its guest had shared comes back as it is. */
const zeroUnshared: Arm64Step = {
  ...zero,
  about: 'a page that its guest had not shared is zeroed',
  run: (unit, call, effects) => (stateOf(call) === OWNED ? zero.run(unit, call, effects) : undefined),
};

export const hostReclaimPageGuest: Arm64Operation = {
  name: 'host_reclaim_page_guest',
  caller: 'host',
  about: 'a page comes back from a guest; one that was taken by force already counts as success',
  source: facts.pkvm2026('2.2', 'OWNED: zeroed; SO: not; unmapped; host OWNED'),
  takes: ['gfn', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_host_reclaim_page_guest',
  inquiries: () => [
    ...validGuestPage('nothing'),
    ...mapsRam,
    guestLeafIs(OWNED, SHARED_OWNED),
    ...hostFits,
  ],
  units: leafUnit,
  steps: () => [zeroUnshared, unmapFromGuest, mapHost, hostOwns],
};

export const reclaimDyingGuestPage: Arm64Operation = {
  ...hostReclaimPageGuest,
  name: 'reclaim_dying_guest_page',
  about: 'the host takes back a page of a VM whose teardown has begun',
  source: facts.arm64Record('3', '-EINVAL unless dying'),
  bugIn: '__pkvm_reclaim_dying_guest_page',
  inquiries: call => [isDying, ...hostReclaimPageGuest.inquiries(call)],
};

interface Annotated {
  readonly leaf: Stage2Leaf;
  readonly donation: Donation | undefined;
}
const annotated = ({ machine, phys }: Arm64Call): readonly Annotated[] => {
  const leaf = machine.host.leaf(phys);
  return [{ leaf, donation: stage2Value(leaf.word).isValid ? undefined : donationOf(leaf.word) }];
};
const annotationCheck = (
  check: Omit<CountedCheck<Annotated, Arm64Call>, 'found'>,
): CountedCheck<Annotated, Arm64Call> => ({
  ...check,
  found: ({ leaf }) => `the host's leaf is ${showStage2Leaf(leaf.word)}`,
});

const asTold = facts.pkvm2026(
  '2.2',
  'host NOPAGE -EAGAIN; annotation owner GUEST -EPERM; VM known -EAGAIN',
);

/** The guest and the frame that the host's leaf names: a call about that guest. */
function ownersCall(call: Arm64Call): Arm64Call | undefined {
  const [{ donation } = { donation: undefined }] = annotated(call);
  const vm = donation === undefined ? undefined : vmOf(call.machine, donation);
  if (donation === undefined || vm === undefined) return undefined;
  return { ...call, vm: vm.id, gfn: donation.gfn, ipa: donation.gfn * PAGE };
}
const vmOf = (machine: Arm64Machine, { isToGuest, handle }: Donation): Arm64Vm | undefined =>
  isToGuest ? machine.vmOfHandle(handle) : undefined;

/** The same questions, asked of the guest that the host's leaf names. */
const ofOwner = (inquiries: readonly Arm64Inquiry[]): readonly Arm64Inquiry[] =>
  inquiries.map(({ checks, firstFailure }) => ({
    checks,
    firstFailure: (call, unit, isAsked) => {
      const own = ownersCall(call);
      return own === undefined ? undefined : firstFailure(own, unit, isAsked);
    },
  }));

/** The page that the guest maps at the frame that the host's leaf names is the page of that leaf: an assertion. */
const isSamePage: Arm64Inquiry = asked<Arm64Call, Arm64Call, Arm64Unit>(
  call => [call],
  [
    {
      name: 'leaf.page',
      answer: BUG,
      rule: 'the guest maps the page at the frame that the host’s leaf names',
      source: asTold,
      holds: ({ machine, vm, ipa, phys }) => stage2Value(machine.guest(vm).leaf(ipa).word).phys === phys,
      found: ({ machine, vm, ipa }) => `it maps ${showStage2Leaf(machine.guest(vm).leaf(ipa).word)}`,
    },
  ],
);

const forceInquiries = ({ columns }: Arm64Call): readonly Arm64Inquiry[] => [
  asked<Arm64Call, Arm64Call, Arm64Unit>(
    call => [call],
    [
      {
        name: 'phys.ram',
        answer: CountedErrno.EFAULT,
        rule: 'the page is RAM',
        source: facts.pkvm2026('2.2', 'RAM -EFAULT'),
        holds: call => hasRecord(call, call.phys),
        found: ({ phys }) => `address ${addressHex(phys)}`,
      },
    ],
  ),
  asked<Arm64Page, Arm64Call, Arm64Unit>(
    call => arm64Pages(call, { phys: call.phys, ipa: 0n, size: PAGE }),
    [
      recordCheck(
        'page.host',
        'the page is not the host’s',
        asTold,
        ({ host }) => host === NOPAGE,
        CountedErrno.EAGAIN,
      ),
    ],
  ),
  asked(annotated, [
    annotationCheck({
      name: 'host.level',
      answer: BUG,
      rule: 'the leaf of the host is of the last level',
      source: asTold,
      holds: ({ leaf }) => leaf.level === 3,
    }),
    annotationCheck({
      name: 'host.invalid',
      answer: columns.validLeafOfNoPage === 'BUG' ? BUG : CountedErrno.EPERM,
      rule: 'the host maps nothing there',
      source: facts.arm64Record('4', 'F1'),
      holds: ({ leaf }) => !stage2Value(leaf.word).isValid,
    }),
    annotationCheck({
      name: 'host.donation',
      answer: CountedErrno.EINVAL,
      rule: 'the leaf of the host records a donation',
      source: asTold,
      holds: ({ donation }) => donation !== undefined,
    }),
    annotationCheck({
      name: 'host.owner',
      answer: CountedErrno.EPERM,
      rule: 'the recorded owner is a guest',
      source: asTold,
      holds: ({ donation }) => donation?.isToGuest === true,
    }),
    annotationCheck({
      name: 'host.vm',
      answer: CountedErrno.EAGAIN,
      rule: 'there is a VM of the recorded handle',
      source: asTold,
      holds: ({ donation }, { machine }) => donation !== undefined && vmOf(machine, donation) !== undefined,
    }),
  ]),
  ...ofOwner([...validGuestPage(), ...mapsRam, isSamePage, guestLeafIs(OWNED)]),
];

export const hostForceReclaimPageGuest: Arm64Operation = {
  name: 'host_force_reclaim_page_guest',
  caller: 'host',
  about:
    'the host takes a page of a guest by force: it is zeroed, and the guest can never use the frame again',
  source: facts.pkvm2026('2.2', 'guest PTE POISONED, page zeroed, host OWNED, in this order'),
  takes: ['phys'],
  returns: 'error',
  bugIn: 'host_stage2_decode_gfn_meta',
  inquiries: forceInquiries,
  units: call => {
    const own = ownersCall(call);
    return own === undefined ? [] : [{ phys: call.phys, ipa: own.ipa, size: PAGE }];
  },
  steps: call => {
    const own = ownersCall(call);
    const inOwner = (step: Arm64Step): Arm64Step => ({
      ...step,
      run: (unit, _, effects) => (own === undefined ? undefined : step.run(unit, own, effects)),
    });
    return [inOwner(poison), zero, mapHost, hostOwns];
  },
};
