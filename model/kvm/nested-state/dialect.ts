/**
 * Which kernel answers. The ioctl's rules changed, so an answer without a revision means nothing
 * (facts/nested-state-and-hyperv.md 6, "an oracle for this ioctl needs a kernel-version profile").
 *
 * `2019`: the kernel that seed 001's patch of `vmx_set_nested_state_test` was written for. `newest`: today's.
 */
export type Dialect = '2019' | 'newest';
export const dialects: readonly Dialect[] = ['2019', 'newest'];

/** What KVM knows of the vCPU when the ioctl comes, on a host with VMX. */
export interface VmxVcpu {
  readonly vendor: 'vmx';
  /** The guest's CPUID has VMX, and the host lets it nest. */
  readonly guestVmxCpuid: boolean;
  readonly inSmm: boolean;
  /** `KVM_CAP_HYPERV_ENLIGHTENED_VMCS` is enabled on this vCPU. */
  readonly enlightenedVmcs: boolean;
  /** Width of the guest's physical addresses in bits, 12 to 52. */
  readonly maxPhysicalAddressWidth: number;
  /** The kernel can allocate what VMX operation needs. */
  readonly hasMemory: boolean;
  /**
   * What VM entry's own checks of the vmcs12 (controls, host state, guest state) would say: an input, since they are
   * VM entry's and not the ioctl's. The vmcs12 of the kernel's test, all zeros but its revision, does not enter.
   */
  readonly entersL2: boolean;
}

/** The same on a host with SVM. */
export interface SvmVcpu {
  readonly vendor: 'svm';
  readonly eferSvme: boolean;
  readonly inSmm: boolean;
  readonly maxPhysicalAddressWidth: number;
  readonly hasMemory: boolean;
  /** What the checks of the VMCB's control and save areas and of CR0 say: an input, as above. */
  readonly entersL2: boolean;
}

export type Vcpu = VmxVcpu | SvmVcpu;

/** A vCPU as the kernel's test has it: outside SMM, 46-bit addresses, a vmcs12 that VM entry refuses. */
export const vmxVcpu: VmxVcpu = {
  vendor: 'vmx',
  guestVmxCpuid: true,
  inSmm: false,
  enlightenedVmcs: false,
  maxPhysicalAddressWidth: 46,
  hasMemory: true,
  entersL2: false,
};
export const svmVcpu: SvmVcpu = {
  vendor: 'svm',
  eferSvme: true,
  inSmm: false,
  maxPhysicalAddressWidth: 46,
  hasMemory: true,
  entersL2: false,
};
