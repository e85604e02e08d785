import { common, decision, ends, outcomes, start, vmx } from './decision.ts';
import { facts } from '../../model/citation.ts';
import { vmxSet } from '../../model/kvm/nested-state/sources.ts';

/** VMX in the 2019 revision (facts/nested-state-and-hyperv.md 6a). */
export const vmxNestedState2019 = decision.createMachine({
  id: 'vmx-nested-state-2019',
  context: start,
  initial: 'pointer',
  states: {
    ...common,
    format: {
      on: {
        svm: { target: 'EINVAL', meta: ends('format', facts.nestedState('6a 5')) },
        neither: { target: 'EINVAL', meta: ends('format', facts.nestedState('6a 5')) },
        vmx: { target: 'guest_cpuid', meta: { source: vmxSet() } },
      },
    },
    guest_cpuid: {
      on: {
        no_vmx_with_vmxon_pa: {
          target: 'EINVAL',
          meta: ends('vmx_cpuid', facts.nestedState('6a 6')),
        },
        no_vmx_without_vmxon_pa: {
          target: 'accepted',
          meta: ends('without_vmx', facts.nestedState('6a 7')),
        },
        vmx: { target: 'vmxon_pa', meta: { source: vmxSet() } },
      },
    },
    vmxon_pa: {
      on: {
        none: { target: 'off_smm_flags', meta: { source: facts.nestedState('6a 10') } },
        no_page: { target: 'EINVAL', meta: ends('vmxon_pa', facts.nestedState('6a 11')) },
        page: { target: 'smm_flags', meta: { source: vmxSet() } },
      },
    },
    off_vmcs12_pa: {
      on: {
        some: { target: 'EINVAL', meta: ends('off_vmcs12_pa', facts.nestedState('6a 9')) },
        none: { target: 'accepted', meta: ends('off', facts.nestedState('6a 10')) },
      },
    },
    smm_flags: {
      on: {
        l2_in_and_under_smm: {
          target: 'EINVAL',
          meta: ends('smm_guest_mode', facts.nestedState('6a 12')),
        },
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('smm_flags', facts.nestedState('6a 13')),
        },
        defined: { target: 'smm', meta: { source: vmxSet() } },
      },
    },
    smm: {
      on: {
        outside_with_smm_flags: {
          target: 'EINVAL',
          meta: ends('smm', facts.nestedState('6a 14')),
        },
        outside: { target: 'evmcs', meta: { source: vmxSet() } },
        inside_with_flags: {
          target: 'EINVAL',
          meta: ends('smm', vmxSet('SMM temporarily disables VMX')),
        },
        inside: { target: 'smm_vmxon', actions: 'inSmm', meta: { source: vmxSet() } },
      },
    },
    smm_vmxon: {
      on: {
        l2_without_vmxon: { target: 'EINVAL', meta: ends('smm_vmxon', vmxSet()) },
        consistent: { target: 'memory', meta: { source: vmxSet() } },
      },
    },
    evmcs: {
      on: {
        named: { target: 'memory', actions: 'namesEvmcs', meta: { source: vmxSet('nested_enable_evmcs') } },
        not_named: { target: 'memory', meta: { source: vmxSet() } },
      },
    },
    room: {
      on: {
        none: { target: 'accepted', meta: ends('empty', facts.nestedState('6a 15')) },
        some: { target: 'vmcs12_pa', meta: { source: vmxSet() } },
      },
    },
    ...vmx,
    ...outcomes,
  },
});
