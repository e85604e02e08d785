import { describe, expect, test } from 'vitest';
import {
  KvmNestedState,
  KvmNestedState2019,
  KvmSvmNestedStateHdr,
  KvmVmxNestedState2019,
  KvmVmxNestedStateHdr,
  Vmcs12,
} from '../../../../model/kvm/nested-state/index.ts';
import { againstGcc, cValues, hasGcc, hasHeader } from '../../../gcc.ts';

const newest = `
  struct kvm_vmx_nested_state_hdr { uint64_t vmxon_pa; uint64_t vmcs12_pa; struct { uint16_t flags; } smm;
    uint16_t pad; uint32_t flags; uint64_t preemption_timer_deadline; };
  struct kvm_svm_nested_state_hdr { uint64_t vmcb_pa; };
  struct kvm_nested_state { uint16_t flags; uint16_t format; uint32_t size;
    union { struct kvm_vmx_nested_state_hdr vmx; struct kvm_svm_nested_state_hdr svm; uint8_t pad[120]; } hdr;
    uint8_t data[0]; };`;
const in2019 = `
  struct kvm_vmx_nested_state { uint64_t vmxon_pa; uint64_t vmcs_pa; struct { uint16_t flags; } smm; };
  struct kvm_nested_state { uint16_t flags; uint16_t format; uint32_t size;
    union { struct kvm_vmx_nested_state vmx; uint8_t pad[120]; } hdr;
    uint8_t data[0]; };`;

describe.skipIf(!hasGcc)('gcc lays out', () => {
  test.each([
    ['the newest revision', newest, KvmNestedState],
    ['its VMX part', newest, KvmVmxNestedStateHdr],
    ['its SVM part', newest, KvmSvmNestedStateHdr],
    ['the 2019 revision', in2019, KvmNestedState2019],
    ['its VMX part', in2019, KvmVmxNestedState2019],
  ])('%s as the table does', (_name, declarations, type) => {
    const { table, gcc } = againstGcc(declarations, type);
    expect(gcc).toEqual(table);
  });

  test('a state with a flexible part of no alignment of its own: the header stays 128 bytes', () => {
    expect(cValues(newest, ['sizeof(struct kvm_nested_state)'])).toEqual([128]);
  });
});

describe.skipIf(!hasHeader('asm/kvm.h'))("the kernel's own header, where this machine has it,", () => {
  test('lays kvm_nested_state out as the table does', () => {
    const { table, gcc } = againstGcc('#include <asm/kvm.h>', KvmNestedState);
    expect(gcc).toEqual(table);
  });

  test('has the flag values that the layouts have', () => {
    expect(
      cValues('#include <asm/kvm.h>', [
        'KVM_STATE_NESTED_GUEST_MODE',
        'KVM_STATE_NESTED_RUN_PENDING',
        'KVM_STATE_NESTED_EVMCS',
        'KVM_STATE_NESTED_SMM_GUEST_MODE',
        'KVM_STATE_NESTED_SMM_VMXON',
        'KVM_STATE_NESTED_FORMAT_VMX',
        'KVM_STATE_NESTED_FORMAT_SVM',
        'KVM_STATE_NESTED_VMX_VMCS_SIZE',
      ]),
    ).toEqual([1, 2, 4, 1, 2, 0, 1, 0x1000]);
  });
});

test('a vmcs12 is shorter than its page: its last member ends at byte 998', () => {
  expect(Vmcs12.size).toBe(998);
  expect(Vmcs12.holes).toEqual([]);
});
