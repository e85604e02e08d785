import { kernel, type Source } from '../../citation.ts';

/** The three functions of the kernel that decide `KVM_SET_NESTED_STATE`, and what is called or said in them. */
export const vcpuIoctl = (...within: readonly string[]): Source =>
  kernel('x86.c', 'kvm_arch_vcpu_ioctl', ...within);
export const vmxSet = (...within: readonly string[]): Source =>
  kernel('vmx/nested.c', 'vmx_set_nested_state', ...within);
export const svmSet = (...within: readonly string[]): Source =>
  kernel('svm/nested.c', 'svm_set_nested_state', ...within);
