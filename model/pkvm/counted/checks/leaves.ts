import { addressHex } from '../../../bits/index.ts';
import type { Call } from '../call-context.ts';
import { asked, type CountedCheck, type Inquiry } from '../check.ts';
import type { Leaf, LeafTable, Range, Run } from '../leaf-table.ts';
import { leafValue, showCountedLeaf } from '../leaf-word.ts';
import { CountedErrno } from '../outcome.ts';
import { CountedOwner, CountedState, stateName } from '../page-state.ts';
import { isMemory, isWalkable } from '../ranges.ts';
import { runsOf } from '../runs.ts';
import { guestRange, hostRange, rangeFound, whole } from './arguments.ts';
import { hostPages, type PageSubject, recordChecks } from './records.ts';
import { facts } from '../../../citation.ts';

const guestLeaves = (call: Call): Iterable<Leaf> => call.machine.guest(call.vm).leaves(guestRange(call));

/** The runs of the guest range, and the pages that they map. */
const runs = (call: Call): readonly Run[] => runsOf(call.machine.guest(call.vm), guestRange(call)) ?? [];
function* runPages(call: Call): Generator<PageSubject> {
  for (const { phys, size } of runs(call)) yield* hostPages(call, { hpa: phys, size });
}

/** R3, first half: the walk reaches the end of the range. */
export const walkReaches = (table: (call: Call) => LeafTable, range: (call: Call) => Range): Inquiry =>
  asked(whole, [
    {
      name: 'walk.address_space',
      answer: CountedErrno.EINVAL,
      rule: 'the range does not reach beyond the address space of the table',
      source: facts.pkvm2026('1.2', 'R3'),
      holds: call => isWalkable(table(call), range(call)),
      found: call => `the range ends at ${addressHex(range(call).start + range(call).size)}`,
    },
  ]);

/** R3: every leaf of the guest range has exactly this state. */
export const guestLeavesAre = (state: CountedState): readonly Inquiry[] => [
  walkReaches(call => call.machine.guest(call.vm), guestRange),
  asked(guestLeaves, [
    {
      name: 'leaf.state',
      answer: CountedErrno.EPERM,
      rule: `the state of every leaf of the range is ${stateName(state)}`,
      source: facts.pkvm2026('1.2', 'R3'),
      holds: ({ word }) => leafValue(word).pageState === state,
      found: ({ start, word }) => `the leaf of gpa ${addressHex(start)} is ${showCountedLeaf(word)}`,
    },
  ]),
];

/** R3, second half: no holes, and the pages that the leaves map are in this state. */
export const mappedPagesAre = (state: CountedState, owner: CountedOwner): readonly Inquiry[] => [
  asked(whole, [
    {
      name: 'leaf.holes',
      answer: CountedErrno.EPERM,
      rule: 'every gpa of the range is mapped',
      source: facts.pkvm2026('1.2', 'R3'),
      holds: call => runsOf(call.machine.guest(call.vm), guestRange(call)) !== undefined,
      found: call => `${rangeFound('gpa', call)} has a hole`,
    },
  ]),
  asked(runs, [
    {
      name: 'run.memblock',
      answer: CountedErrno.EINVAL,
      rule: 'what the leaves map lies inside one memblock',
      source: facts.pkvm2026('1.2', 'R2'),
      holds: ({ phys, size }, { machine }) => isMemory(machine, phys, size),
      found: ({ phys, size }) => `hpa ${addressHex(phys)}, size ${addressHex(size)}`,
    },
  ]),
  asked(runPages, recordChecks([state], owner)),
];

/** What the host's leaves of an MMIO range say: that the host has it, or that the hypervisor kept it. */
export const mmioLeavesAre = (owner: 'host' | 'hypervisor'): Inquiry =>
  asked(
    ({ machine, ...call }: Call) => machine.host.leaves(hostRange(call)),
    owner === 'host' ? [mmioOwned] : mmioKept,
  );

const mmioFound = ({ start, word }: Leaf): string =>
  `the host leaf of ${addressHex(start)} is ${showCountedLeaf(word)}`;

const mmioOwned: CountedCheck<Leaf> = {
  name: 'mmio.state',
  answer: CountedErrno.EPERM,
  rule: 'the host has every page of the range (OWNED)',
  source: facts.pkvm2026('1.3', 'MMIO: every leaf state OWNED -EPERM'),
  holds: ({ word }) => leafValue(word).pageState === CountedState.PKVM_PAGE_OWNED,
  found: mmioFound,
};

const kept = facts.pkvm2026('1.3', 'every leaf not present, owner HYP, state NONE -> -EPERM');
const mmioKept: readonly CountedCheck<Leaf>[] = [
  {
    name: 'mmio.absent',
    answer: CountedErrno.EPERM,
    rule: 'the host maps nothing there yet',
    source: kept,
    holds: ({ word }) => !leafValue(word).isPresent,
    found: mmioFound,
  },
  {
    name: 'mmio.owner',
    answer: CountedErrno.EPERM,
    rule: 'the recorded owner is the hypervisor',
    source: kept,
    holds: ({ word }) => leafValue(word).owner === CountedOwner.PKVM_ID_HYP,
    found: mmioFound,
  },
  {
    name: 'mmio.none',
    answer: CountedErrno.EPERM,
    rule: 'the state of the leaf is NONE',
    source: kept,
    holds: ({ word }) => leafValue(word).pageState === CountedState.PKVM_PAGE_NONE,
    found: mmioFound,
  },
];
