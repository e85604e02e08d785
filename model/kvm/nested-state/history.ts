import type { StructHistory } from '../../bits/index.ts';
import { KvmNestedState, KvmNestedState2019 } from './abi.ts';
import { facts } from '../../citation.ts';

export const nestedStateHistory: StructHistory = {
  name: 'kvm_nested_state',
  about: 'what KVM_SET_NESTED_STATE takes and KVM_GET_NESTED_STATE gives',
  revisions: [
    {
      revision: '2019',
      about: "the kernel of seed 001's vmx_set_nested_state_test; the union had no name",
      source: facts.nestedState('6', 'named vmcs_pa in 2019'),
      table: KvmNestedState2019,
      sharedNames: { 'hdr.vmx.vmcs_pa': 'hdr.vmx.vmcs12_pa' },
    },
    {
      revision: 'newest',
      about: "today's, with the preemption timer's deadline and the SVM part",
      source: facts.nestedState('6', 'Layout of struct kvm_nested_state'),
      table: KvmNestedState,
    },
  ],
};
