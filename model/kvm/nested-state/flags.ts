import { bit, bits, ignored, layout, reserved } from '../../bits/index.ts';

/**
 * The flag words of `struct kvm_nested_state`, as layouts: a bit that a revision does not define is reserved, and
 * KVM refuses it. facts/nested-state-and-hyperv.md 6, "Flag values".
 */

/** What `KVM_SET_NESTED_STATE` itself lets through in the 2019 revision. */
export const StateFlags2019 = layout('KVM_STATE_NESTED (2019)', {
  guestMode: bit(0),
  runPending: bit(1),
  evmcs: bit(2),
  _63_3: reserved(63, 3),
});

/** What it lets through in the newest revision. */
export const StateFlags = layout('KVM_STATE_NESTED', {
  guestMode: bit(0), // KVM_STATE_NESTED_GUEST_MODE
  runPending: bit(1), // KVM_STATE_NESTED_RUN_PENDING
  evmcs: bit(2), // KVM_STATE_NESTED_EVMCS
  mtfPending: bit(3), // KVM_STATE_NESTED_MTF_PENDING
  _7_4: reserved(7, 4),
  gifSet: bit(8), // KVM_STATE_NESTED_GIF_SET
  _63_9: reserved(63, 9),
});

/** What SVM lets through of it. */
export const StateFlagsSvm = layout('KVM_STATE_NESTED (SVM)', {
  guestMode: bit(0),
  runPending: bit(1),
  _7_2: reserved(7, 2),
  gifSet: bit(8),
  _63_9: reserved(63, 9),
});

/** What VMX lets through without a VMXON region: eVMCS alone, kept from the time when it switched eVMCS on. */
export const StateFlagsWithoutVmxon = layout('KVM_STATE_NESTED (no VMXON region)', {
  _1_0: reserved(1, 0),
  evmcs: bit(2),
  _63_3: reserved(63, 3),
});

/** `hdr.vmx.smm.flags`: what VMX was doing when the SMI came. */
export const SmmFlags = layout('KVM_STATE_NESTED_SMM', {
  guestMode: bit(0), // KVM_STATE_NESTED_SMM_GUEST_MODE
  vmxon: bit(1), // KVM_STATE_NESTED_SMM_VMXON
  _63_2: reserved(63, 2),
});

/** `hdr.vmx.flags`, in the newest revision only. */
export const VmxFlags = layout('KVM_STATE_VMX', {
  preemptionTimerDeadline: bit(0), // KVM_STATE_VMX_PREEMPTION_TIMER_DEADLINE
  _63_1: reserved(63, 1),
});

/** The first word of a vmcs12. SDM vol. 3C, "Format of the VMCS Region". */
export const Vmcs12Header = layout('vmcs12 hdr', {
  revision: bits(30, 0),
  shadow: bit(31), // the shadow-VMCS indicator
  _63_32: reserved(63, 32),
});

/** What KVM asks of the primary processor-based controls here. SDM vol. 3C, "VM-Execution Control Fields". */
export const PrimaryControls = layout('primary processor-based controls', {
  _30_0: ignored(30, 0),
  activateSecondary: bit(31),
  _63_32: ignored(63, 32),
});

/** What KVM asks of the secondary processor-based controls here. */
export const SecondaryControls = layout('secondary processor-based controls', {
  _13_0: ignored(13, 0),
  vmcsShadowing: bit(14),
  _63_15: ignored(63, 15),
});
