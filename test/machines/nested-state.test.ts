import { getSimplePaths } from '@xstate/graph';
import type { AnyStateMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import {
  answersDrawn,
  decideSvm,
  decideVmx,
  decideVmx2019,
  type Decision,
  svmNestedState,
  vmxNestedState,
  vmxNestedState2019,
} from '../../machines/nested-state/index.ts';
import { failure } from '../../model/kvm/errno.ts';
import {
  callOf,
  type Dialect,
  encodeNestedState,
  Format,
  type NestedStateInput,
  noAddress,
  pageOfData,
  type SvmVcpu,
  svmVcpu,
  type Vcpu,
  validate,
  type VmxVcpu,
  vmxVcpu,
} from '../../model/kvm/nested-state/index.ts';
import { classesOf, type VmxChoice, vmxCall } from '../../systems/nested-state/fields.ts';

const arrowsDrawn = (machine: AnyStateMachine) =>
  Object.values(machine.root.states).flatMap(state => [...state.transitions.values()].flat());

/** Every path from the first question to an end, as `question: answer` steps. */
function pathsDrawn(machine: AnyStateMachine): string[] {
  const paths = getSimplePaths(machine, {
    events: answersDrawn(machine),
    limit: 10_000,
    toState: state => state.status === 'done',
  });
  return paths
    .map(({ steps, state }) => {
      // @xstate/graph begins a path with its own init event
      const asked = steps.slice(1).map(step => step.event.type);
      const questions = steps.slice(0, -1).map(step => String(step.state.value));
      return [...questions.map((question, i) => `${question}: ${asked[i]}`), String(state.value)].join(
        ' / ',
      );
    })
    .sort();
}

const errnoOf: Readonly<Record<string, number>> = {
  accepted: 0,
  EINVAL: failure('EINVAL'),
  EFAULT: failure('EFAULT'),
  ENOMEM: failure('ENOMEM'),
};

/** The paths that calls took, and every call on which the machine and the model's checks differ. */
class Tally {
  readonly paths = new Set<string>();
  readonly disagreements: string[] = [];
  calls = 0;

  add(decision: Decision, memory: Uint8Array | null, vcpu: Vcpu, dialect: Dialect): void {
    this.calls++;
    this.paths.add([...decision.path, decision.outcome].join(' / '));
    const { errno, rule } = validate(memory, vcpu, dialect);
    if (errno !== errnoOf[decision.outcome] || rule !== decision.rule) {
      this.disagreements.push(
        `${decision.path.join(' / ')}: the machine ends in ${decision.outcome} by ${decision.rule}, the checks in ${errno} by ${rule}`,
      );
    }
  }
}

const rest = {
  format: 'VMX',
  vmxFlags: 'none',
  memory: 'whole',
  entersL2: 'yes',
  hasMemory: 'yes',
} as const;
/** The fields that meet no other in a question: one class at a time. */
const others: readonly Partial<VmxChoice>[] = [
  { format: 'SVM' },
  { format: 'neither' },
  { vmxFlags: 'deadline' },
  { vmxFlags: 'undefined' },
  { memory: 'short of the header' },
  { entersL2: 'no' },
  { hasMemory: 'no' },
];

/** Every combination of the header's fields with one size and one vmcs12. */
function* headers(size: VmxChoice['size'], data: VmxChoice['data']): Generator<VmxChoice> {
  for (const flags of classesOf('flags').filter(name => name !== 'GIF' && name !== 'L2, MTF pending'))
    for (const vmxonPa of ['none', 'page', 'misaligned'] as const)
      for (const vmcs12Pa of classesOf('vmcs12Pa'))
        for (const smmFlags of classesOf('smmFlags'))
          yield { ...rest, flags, size, vmxonPa, vmcs12Pa, smmFlags, data };
}

function* vmxChoices(): Generator<VmxChoice> {
  for (const size of ['short of the header', 'header'] as const) yield* headers(size, 'vmcs12');
  for (const size of ['a vmcs12', 'a shadow'] as const) {
    for (const data of classesOf('data')) yield* headers(size, data);
  }
  for (const choice of [
    ...headers('header', 'vmcs12'),
    ...headers('a shadow', 'vmcs12'),
    ...headers('a shadow', 'with a shadow'),
  ]) {
    if (choice.smmFlags !== 'none' && choice.smmFlags !== 'VMXON') continue;
    for (const other of others) yield { ...choice, ...other };
  }
}

const vmxVcpus: readonly VmxVcpu[] = [
  vmxVcpu,
  { ...vmxVcpu, enlightenedVmcs: true },
  { ...vmxVcpu, guestVmxCpuid: false },
  { ...vmxVcpu, inSmm: true },
  { ...vmxVcpu, inSmm: true, enlightenedVmcs: true },
];

function vmxTally(dialect: Dialect): Tally {
  const tally = new Tally();
  const decide = dialect === '2019' ? decideVmx2019 : decideVmx;
  for (const choice of vmxChoices()) {
    const { memory, vcpu: brings } = vmxCall(choice, dialect);
    for (const base of vmxVcpus) {
      const vcpu = { ...base, ...brings };
      tally.add(decide(callOf(memory, vcpu, dialect)), memory, vcpu, dialect);
    }
  }
  return tally;
}

const svmVcpus: readonly SvmVcpu[] = [
  svmVcpu,
  { ...svmVcpu, entersL2: true },
  { ...svmVcpu, eferSvme: false },
  { ...svmVcpu, inSmm: true },
  { ...svmVcpu, hasMemory: false },
];

/** Every flag word of 9 bits and one beyond, then every combination of the fields that SVM reads with a few of them. */
function* svmStates(): Generator<NestedStateInput> {
  const l2 = 3;
  const page = new Uint8Array(pageOfData);
  const state = {
    flags: l2,
    format: Format.svm,
    size: 128 + pageOfData,
    svm: { vmcbPa: 0x3000n },
    data: page,
  };
  for (let flags = 0; flags <= 512; flags++) yield { ...state, flags };
  for (const flags of [0, l2, 256, 512])
    for (const format of [Format.vmx, Format.svm, 2])
      for (const size of [127, 128, 128 + pageOfData - 1, 128 + pageOfData])
        for (const vmcbPa of [0x3000n, 0x3001n, noAddress])
          for (const data of [page, page.slice(0, 1767), page.slice(0, 0)])
            yield { ...state, flags, format, size, svm: { vmcbPa }, data };
}

function svmTally(): Tally {
  const tally = new Tally();
  const memories = [...svmStates()].map(state => encodeNestedState(state, 'newest'));
  for (const memory of [...memories, new Uint8Array(127)])
    for (const vcpu of svmVcpus)
      tally.add(decideSvm(callOf(memory, vcpu, 'newest')), memory, vcpu, 'newest');
  return tally;
}

describe.each([
  // The questions from `memory` on are asked three times: outside SMM with and without EVMCS, and inside SMM.
  ['VMX, 2019', vmxNestedState2019, () => vmxTally('2019'), { arrows: 53, paths: 64 }],
  // As above, and four times: inside SMM EVMCS is allowed too.
  ['VMX, newest', vmxNestedState, () => vmxTally('newest'), { arrows: 62, paths: 82 }],
  // A chain of 11 questions: 10 answers that go on, and one path for each of the 16 that end the call.
  ['SVM, newest', svmNestedState, svmTally, { arrows: 26, paths: 16 }],
] as const)('%s', (_name, machine, tallyOf, pinned) => {
  const tally = tallyOf();
  const drawn = pathsDrawn(machine);

  test(`has ${pinned.arrows} arrows and ${pinned.paths} paths`, () => {
    expect({ arrows: arrowsDrawn(machine).length, paths: drawn.length }).toEqual(pinned);
  });

  test('names its source on every arrow, and the check on every arrow that ends a call', () => {
    for (const { meta, target } of arrowsDrawn(machine)) {
      expect(meta?.source).toMatch(
        /^(facts\/nested-state-and-hyperv\.md 6|x86\.c|vmx\/nested\.c|svm\/nested\.c)/,
      );
      expect(typeof meta?.rule === 'string').toBe(target?.[0]?.type === 'final');
    }
  });

  test('has every path taken by a call, and no call takes another', () => {
    expect([...tally.paths].sort()).toEqual(drawn);
  });

  test('ends every call with the errno and the check that the model gives', () => {
    expect(tally.disagreements.slice(0, 3)).toEqual([]);
    expect(tally.calls).toBeGreaterThan(4_000);
  });
});
