import { bytes, flexibleBytes, struct, u16, u32, u64, union } from '../../bits/index.ts';

/**
 * `struct kvm_nested_state` as user space passes it: a header of 128 bytes, then the data.
 * facts/nested-state-and-hyperv.md 6, "Layout". The names are the kernel's own.
 */

/** `KVM_STATE_NESTED_FORMAT_VMX` and `_SVM`. */
export const Format = { vmx: 0, svm: 1 } as const;

/** `KVM_STATE_NESTED_VMX_VMCS_SIZE` and `KVM_STATE_NESTED_SVM_VMCB_SIZE`, in bytes: one page each. */
export const pageOfData = 0x1000;

/** The address that stands for "none": `INVALID_GPA`, `-1ull`. */
export const noAddress = 0xffff_ffff_ffff_ffffn;

/** `VMCS12_REVISION`: what KVM's own vmcs12 format is called. */
export const vmcs12Revision = 0x11e5_7ed0;

const smm = struct('smm', { flags: u16 }, { size: 2 });

/** The VMX part of the header in 2019: 24 bytes, of which the last 6 are padding. */
export const KvmVmxNestedState2019 = struct(
  'kvm_vmx_nested_state',
  { vmxon_pa: u64, vmcs_pa: u64, smm },
  { size: 24, offsets: { vmxon_pa: 0, vmcs_pa: 8, smm: 16 } },
);

/** The whole of it in 2019. The union had no name then; `hdr` is the later one. */
export const KvmNestedState2019 = struct(
  'kvm_nested_state',
  {
    flags: u16,
    format: u16,
    size: u32,
    hdr: union('hdr', { vmx: KvmVmxNestedState2019, pad: bytes(120) }, { size: 120 }),
    data: flexibleBytes,
  },
  { size: 128, offsets: { flags: 0, format: 2, size: 4, hdr: 8, data: 128 } },
);

/** The VMX part of the header. */
export const KvmVmxNestedStateHdr = struct(
  'kvm_vmx_nested_state_hdr',
  { vmxon_pa: u64, vmcs12_pa: u64, smm, pad: u16, flags: u32, preemption_timer_deadline: u64 },
  {
    size: 32,
    offsets: { vmxon_pa: 0, vmcs12_pa: 8, smm: 16, pad: 18, flags: 20, preemption_timer_deadline: 24 },
  },
);

/** The SVM part of the header. */
export const KvmSvmNestedStateHdr = struct('kvm_svm_nested_state_hdr', { vmcb_pa: u64 }, { size: 8 });

/** The whole of it, newest. */
export const KvmNestedState = struct(
  'kvm_nested_state',
  {
    flags: u16,
    format: u16,
    size: u32,
    hdr: union(
      'hdr',
      { vmx: KvmVmxNestedStateHdr, svm: KvmSvmNestedStateHdr, pad: bytes(120) },
      { size: 120 },
    ),
    data: flexibleBytes,
  },
  { size: 128, offsets: { flags: 0, format: 2, size: 4, hdr: 8, data: 128 } },
);

/**
 * The fields of KVM's vmcs12 that `KVM_SET_NESTED_STATE` reads before VM entry's own checks; the rest is bytes. The
 * offsets are part of the migration format and never change. It is shorter than the page that holds it: a buffer has
 * room for a vmcs12 from 128 + 998 bytes on.
 */
export const Vmcs12 = struct(
  'vmcs12',
  {
    hdr: u32,
    abort: u32,
    launch_state: u32,
    _12: bytes(164),
    vmcs_link_pointer: u64,
    _184: bytes(560),
    pin_based_vm_exec_control: u32,
    cpu_based_vm_exec_control: u32,
    _752: bytes(52),
    secondary_vm_exec_control: u32,
    _808: bytes(188),
    guest_pml_index: u16,
  },
  {
    packed: true,
    size: 998,
    offsets: {
      launch_state: 8,
      vmcs_link_pointer: 176,
      pin_based_vm_exec_control: 744,
      cpu_based_vm_exec_control: 748,
      secondary_vm_exec_control: 804,
      guest_pml_index: 996,
    },
  },
);
