import { addressHex } from '../../../bits/index.ts';
import type { Call, Unit } from '../call-context.ts';
import { asked, type CountedCheck, type Inquiry } from '../check.ts';
import { whole } from '../checks/arguments.ts';
import { hostPages, pageCheck, recordChecks } from '../checks/records.ts';
import { leafValue, protOf } from '../leaf-word.ts';
import type { Operation } from '../operation.ts';
import { BUG, CountedErrno } from '../outcome.ts';
import { CountedOwner, CountedState, stateName } from '../page-state.ts';
import { isMemory } from '../ranges.ts';
import type { Step } from '../step.ts';
import { mapHost, markHost, uncountShare, wipeOwned } from '../steps.ts';
import { facts } from '../../../citation.ts';

/** The end of a VM: the only way in which a page comes back from a protected guest. facts/pkvm-2026.md 1.3. */

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;
const { PKVM_ID_HOST, PKVM_ID_GUEST } = CountedOwner;

const stateOf = ({ prot }: Unit): CountedState => leafValue(prot).pageState;
const isProtected = ({ machine, vm }: Call): boolean => machine.vm(vm)?.isProtected === true;

/** Every leaf of the VM that maps something. */
function* leafUnits({ machine, vm }: Call): Generator<Unit> {
  const table = machine.guest(vm);
  for (const { start, size, word, phys } of table.leaves({ start: 0n, size: table.end })) {
    if (leafValue(word).isPresent) yield { gpa: start, hpa: phys, size, prot: protOf(word) };
  }
}

/** What the record of a page must say for each state of the leaf that maps it. */
const partner = {
  [PKVM_PAGE_NONE]: undefined,
  [PKVM_PAGE_OWNED]: { state: PKVM_PAGE_NONE, owner: PKVM_ID_GUEST, unpinned: true },
  [PKVM_PAGE_SHARED_OWNED]: { state: PKVM_PAGE_SHARED_BORROWED, owner: PKVM_ID_GUEST, unpinned: true },
  [PKVM_PAGE_SHARED_BORROWED]: { state: PKVM_PAGE_SHARED_OWNED, owner: PKVM_ID_HOST, unpinned: false },
} as const;

const leafFitsVm: CountedCheck<Unit> = {
  name: 'leaf.kind',
  answer: BUG,
  rule: 'a protected VM owns what it maps, a normal one borrows it',
  source: facts.pkvm2026('1.3', 'all host/guest mismatches BUG'),
  holds: (unit, call) => {
    const state = stateOf(unit);
    if (state === PKVM_PAGE_NONE) return false;
    return (state === PKVM_PAGE_SHARED_BORROWED) !== isProtected(call);
  },
  found: unit => `the leaf of gpa ${addressHex(unit.gpa)} is ${stateName(stateOf(unit))}`,
};

const mapsMemory: CountedCheck<Unit> = {
  name: 'leaf.memblock',
  answer: BUG,
  rule: 'what the leaf maps lies inside one memblock',
  source: facts.pkvm2026('1.2', 'R2'),
  holds: ({ hpa, size }, { machine }) => isMemory(machine, hpa, size),
  found: ({ hpa }) => `it maps ${addressHex(hpa)}`,
};

const countsFit = (call: Call): ReturnType<typeof pageCheck> =>
  pageCheck(
    'counts',
    'the record counts no share of a page that a guest owned, and guest shares alone of one that it borrowed',
    facts.pkvm2026('1.3', 'all host/guest mismatches BUG'),
    ({ hypShares, guestShares }) => hypShares === 0 && guestShares > 0 !== isProtected(call),
    BUG,
  );

/** Each leaf is held against the records of its pages just before it is taken back. */
function leafInquiries(call: Call): readonly Inquiry[] {
  const ofState = (state: CountedState): readonly Inquiry[] => {
    const wanted = partner[state];
    if (wanted === undefined) return [];
    const { unpinned } = wanted;
    const checks = recordChecks([wanted.state], wanted.owner, { unpinned, answer: BUG });
    return [asked((_, unit) => (stateOf(unit) === state ? hostPages(call, unit) : []), checks)];
  };
  return [
    asked((_, unit) => [unit], [leafFitsVm, mapsMemory]),
    ...ofState(PKVM_PAGE_OWNED),
    ...ofState(PKVM_PAGE_SHARED_OWNED),
    ...ofState(PKVM_PAGE_SHARED_BORROWED),
    asked((_, unit) => hostPages(call, unit), [countsFit(call)]),
  ];
}

const freeTables: Step = {
  name: 'vm.free',
  about: 'the tables of the VM are freed',
  run: (_, { machine, vm }) => {
    machine.freeTables(vm);
    return undefined;
  },
};

export const vmTeardown: Operation = {
  name: 'vm_teardown',
  caller: 'host',
  about:
    'a VM ends: what it owned comes back wiped, what it had shared as it is, what it borrowed is unshared',
  source: facts.pkvm2026('1.3', 'OWNED pages zeroed + cache flush; SO, SB not'),
  takes: ['vm'],
  returns: 'nothing',
  bugIn: 'host_reclaim_guest_walker',
  inquiries: () => [
    asked(whole, [
      {
        name: 'vm.unused',
        answer: CountedErrno.EBUSY,
        rule: 'nothing uses the VM any more',
        source: facts.pkvm2026('1.3', 'VM refcount must be 1 (-EBUSY)'),
        holds: ({ machine, vm }) => machine.vm(vm)?.isInUse === false,
        found: ({ vm }) => `VM ${vm} is in use`,
      },
    ]),
  ],
  units: leafUnits,
  unitInquiries: leafInquiries,
  steps: call =>
    isProtected(call)
      ? [wipeOwned, mapHost, markHost]
      : [uncountShare('guestShares', 'host_reclaim_guest_walker')],
  last: [freeTables],
};

export const vmFinalize: Operation = {
  name: 'vm_finalize',
  caller: 'host',
  about: 'the firmware of a protected VM is settled: from now on pages may be donated to it',
  source: facts.pkvm2026('4', 'J8'),
  takes: ['vm'],
  returns: 'nothing',
  bugIn: 'pkvm_vm_finalize',
  inquiries: () => [],
  steps: () => [
    {
      name: 'vm.finalize',
      about: 'the VM is finalized',
      run: (_, { machine, vm }) => {
        machine.finalize(vm);
        return undefined;
      },
    },
  ],
};
