import { describe, expect, test } from 'vitest';
import { failure } from '../../../../model/kvm/errno.ts';
import {
  callOf,
  encodeNestedState,
  type NestedStateInput,
  svmGetNestedState,
  svmNestedAfter,
  svmOff,
  svmVcpu,
  validate,
  type VmxNested,
  vmxGetNestedState,
  vmxNestedAfter,
  vmxOff,
  type VmxVcpu,
  vmxVcpu,
} from '../../../../model/kvm/nested-state/index.ts';

const vcpu: VmxVcpu = { ...vmxVcpu, entersL2: true };

/** One call on a vCPU whose nested state is this: what it returns, and what it leaves. */
function set(before: VmxNested, state: NestedStateInput, on = vcpu): { errno: number; after: VmxNested } {
  const memory = encodeNestedState(state, 'newest');
  const { errno, rule } = validate(memory, on, 'newest');
  return { errno, after: vmxNestedAfter(before, callOf(memory, on, 'newest'), rule) };
}

const inOperation: VmxNested = { ...vmxOff, vmxonPa: 0x1000n };
const loaded: VmxNested = { ...inOperation, vmcs12Pa: 0x2000n };
const inL2: VmxNested = { ...loaded, guestMode: true };

describe('a VMX state that KVM_GET_NESTED_STATE gives is restored by KVM_SET_NESTED_STATE', () => {
  test.each([
    ['outside VMX operation', vmxOff, vcpu],
    ['without a current VMCS', inOperation, vcpu],
    ['with one', loaded, vcpu],
    ['in L2', inL2, vcpu],
    ['with an entry and an MTF pending', { ...inL2, runPending: true, mtfPending: true }, vcpu],
    ['in L2 beside a shadow vmcs12', { ...inL2, shadow: true }, vcpu],
    [
      'on an enlightened VMCS',
      { ...inOperation, evmcs: true, guestMode: true },
      { ...vcpu, enlightenedVmcs: true },
    ],
    ['in SMM over L2', { ...loaded, smmVmxon: true, smmGuestMode: true }, { ...vcpu, inSmm: true }],
  ] as const)('%s', (_what, nested, on) => {
    expect(set(vmxOff, vmxGetNestedState(nested), on)).toEqual({ errno: 0, after: nested });
  });

  test('but not in SMM over VMX operation without a current VMCS: KVM returns before it looks at the SMM flags', () => {
    const interrupted = { ...inOperation, smmVmxon: true };
    const { errno, after } = set(vmxOff, vmxGetNestedState(interrupted), { ...vcpu, inSmm: true });
    expect(errno).toBe(0);
    expect(after).toEqual(inOperation);
  });
});

describe('a call that is refused', () => {
  const misaligned: NestedStateInput = { size: 128, vmx: { vmxonPa: 1n } };
  const withoutRoom: NestedStateInput = { size: 128, vmx: { vmxonPa: 0x1000n, vmcs12Pa: 0x2000n } };

  test('by an early check of VMX leaves L2 running', () => {
    expect(set(inL2, misaligned)).toEqual({ errno: failure('EINVAL'), after: inL2 });
  });

  test('by a late one does not: VMX has left the old state by then', () => {
    expect(set(inL2, withoutRoom)).toEqual({ errno: failure('EINVAL'), after: inOperation });
    expect(set(inL2, withoutRoom, { ...vcpu, hasMemory: false })).toEqual({
      errno: failure('ENOMEM'),
      after: vmxOff,
    });
  });

  test('by SVM changes nothing', () => {
    const before = { ...svmOff, guestMode: true, vmcbPa: 0x3000n };
    const memory = encodeNestedState(
      { format: 1, flags: 1, size: 128, svm: { vmcbPa: 0x4000n } },
      'newest',
    );
    const { errno, rule } = validate(memory, svmVcpu, 'newest');
    expect(errno).toBe(failure('EINVAL'));
    expect(svmNestedAfter(before, callOf(memory, svmVcpu, 'newest'), rule)).toBe(before);
  });
});

test('an SVM state that KVM_GET_NESTED_STATE gives is restored', () => {
  const on = { ...svmVcpu, entersL2: true };
  for (const nested of [
    svmOff,
    { ...svmOff, gif: false },
    { gif: true, guestMode: true, runPending: true, vmcbPa: 0x3000n },
  ]) {
    const memory = encodeNestedState(svmGetNestedState(nested), 'newest');
    const { errno, rule } = validate(memory, on, 'newest');
    expect(errno).toBe(0);
    expect(svmNestedAfter(svmOff, callOf(memory, on, 'newest'), rule)).toEqual(nested);
  }
});
