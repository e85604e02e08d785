import { Format, KvmNestedState, pageOfData } from './abi.ts';
import type { SvmVcpu } from './dialect.ts';
import { StateFlags, StateFlagsSvm } from './flags.ts';
import { accept, type Call, isDefined, isPageAddress, refuse, type Rule } from './rule.ts';
import { both, facts, kernel } from '../../citation.ts';
import { svmSet } from './sources.ts';

/** `svm_set_nested_state`, check by check. */
type SvmRule = Rule<SvmVcpu>;

/** `struct vmcb`: the control area, and of the save area the part that SVM defines without SEV-ES, in bytes. */
export const vmcbBytesRead = 1024 + 744;

const inL2 = ({ state }: Call<SvmVcpu>): boolean => StateFlags.get(BigInt(state.flags), 'guestMode');

/** In 2019 SVM had no `set_nested_state` at all, and the call ends before the header is read. */
export const noSvm2019: SvmRule = refuse(
  {
    name: 'set_state',
    about: 'the vendor has the ioctl',
    source: kernel('x86.c', 'kvm_arch_vcpu_ioctl', 'if (!kvm_x86_ops->set_nested_state)'),
  },
  () => true,
);

/** facts/nested-state-and-hyperv.md 6c. */
export const svmRules: readonly SvmRule[] = [
  refuse(
    { name: 'format', about: 'format is SVM', source: both(svmSet(), facts.nestedState('6c 1')) },
    ({ state }) => state.format !== Format.svm,
  ),
  refuse(
    {
      name: 'svm_flags',
      about: 'flags has only bits that SVM defines',
      source: both(svmSet(), facts.nestedState('6c 2')),
    },
    ({ state }) => !isDefined(state.flags, StateFlagsSvm),
  ),
  refuse(
    {
      name: 'svme',
      about: 'L2 needs EFER.SVME',
      source: both(svmSet('GUEST_MODE must be clear when SVME==0'), facts.nestedState('6c 3')),
    },
    call => inL2(call) && !call.vcpu.eferSvme,
  ),
  refuse(
    {
      name: 'smm',
      about: 'in SMM the vCPU is not in L2',
      source: svmSet('SMM temporarily disables SVM'),
    },
    call => inL2(call) && call.vcpu.inSmm,
  ),
  accept(
    {
      name: 'not_in_l2',
      about: 'a state that is not in L2 sets the global interrupt flag, and that is all',
      source: both(svmSet(), facts.nestedState('6c 4, 5, 6, 8')),
    },
    call => !inL2(call),
  ),
  refuse(
    {
      name: 'vmcb_pa',
      about: 'vmcb_pa is page aligned and within the guest physical-address width',
      source: both(svmSet('page_address_valid'), facts.nestedState('6c 7')),
    },
    ({ state, vcpu }) => !isPageAddress(state.svm.vmcbPa, vcpu.maxPhysicalAddressWidth),
  ),
  refuse(
    {
      name: 'room',
      about: 'the state has room for the VMCB',
      source: both(svmSet(), facts.nestedState('6c 9')),
    },
    ({ state }) => state.size < KvmNestedState.size + pageOfData,
  ),
  refuse(
    { name: 'memory', about: 'there is memory for copies of the VMCB', source: svmSet('kzalloc') },
    ({ vcpu }) => !vcpu.hasMemory,
    'ENOMEM',
  ),
  refuse(
    { name: 'copy_vmcb', about: 'the VMCB can be read', source: svmSet('copy_from_user') },
    ({ state }) => state.data.length < vmcbBytesRead,
    'EFAULT',
  ),
  refuse(
    {
      name: 'entry',
      about: 'the control and save areas and CR0 pass the checks of VMRUN',
      source: svmSet('nested_vmcb_check_controls', 'nested_vmcb_check_save'),
    },
    ({ vcpu }) => !vcpu.entersL2,
  ),
  accept({ name: 'entered', about: 'the vCPU is in L2', source: svmSet() }, () => true),
];
