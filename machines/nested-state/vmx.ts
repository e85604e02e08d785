import { common, decision, ends, outcomes, start, vmx } from './decision.ts';
import { facts } from '../../model/citation.ts';
import { vmxSet } from '../../model/kvm/nested-state/sources.ts';

/** VMX in the newest revision (facts/nested-state-and-hyperv.md 6b). */
export const vmxNestedState = decision.createMachine({
  id: 'vmx-nested-state',
  context: start,
  initial: 'pointer',
  states: {
    ...common,
    format: {
      on: {
        svm: { target: 'EINVAL', meta: ends('format', facts.nestedState('6b 5')) },
        neither: { target: 'EINVAL', meta: ends('format', facts.nestedState('6b 5')) },
        vmx: { target: 'vmxon_pa', meta: { source: vmxSet() } },
      },
    },
    vmxon_pa: {
      on: {
        none: { target: 'off_smm_flags', meta: { source: facts.nestedState('6b 10') } },
        without_vmx_cpuid: {
          target: 'EINVAL',
          meta: ends('vmx_cpuid', facts.nestedState('6b 6')),
        },
        no_page: { target: 'EINVAL', meta: ends('vmxon_pa', facts.nestedState('6b 16')) },
        page: { target: 'smm_flags', meta: { source: vmxSet() } },
      },
    },
    off_vmcs12_pa: {
      on: {
        some: {
          target: 'EINVAL',
          meta: ends('off_vmcs12_pa', facts.nestedState('6b 7, 15')),
        },
        none: { target: 'off_flags', meta: { source: vmxSet() } },
      },
    },
    off_flags: {
      on: {
        more_than_evmcs: { target: 'EINVAL', meta: ends('off_flags', vmxSet('used to signal')) },
        evmcs_at_most: { target: 'off_vmx_flags', meta: { source: facts.nestedState('6b 9, 12') } },
      },
    },
    off_vmx_flags: {
      on: {
        undefined_bits: { target: 'EINVAL', meta: ends('vmx_flags', vmxSet()) },
        defined: { target: 'off_evmcs', meta: { source: vmxSet() } },
      },
    },
    off_evmcs: {
      on: {
        not_enabled: { target: 'EINVAL', meta: ends('evmcs', facts.nestedState('6b 8, 11')) },
        enabled: { target: 'accepted', meta: ends('off', facts.nestedState('6b 12')) },
        not_named: { target: 'accepted', meta: ends('off', facts.nestedState('6b 9, 10')) },
      },
    },
    smm_flags: {
      on: {
        l2_in_and_under_smm: {
          target: 'EINVAL',
          meta: ends('smm_guest_mode', facts.nestedState('6b 17')),
        },
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('smm_flags', facts.nestedState('6b 18')),
        },
        defined: { target: 'vmx_flags', meta: { source: vmxSet() } },
      },
    },
    vmx_flags: {
      on: {
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('vmx_flags', facts.nestedState('6b 14, 23')),
        },
        defined: { target: 'smm', meta: { source: vmxSet() } },
      },
    },
    smm: {
      on: {
        outside_with_smm_flags: {
          target: 'EINVAL',
          meta: ends('smm', facts.nestedState('6b 19')),
        },
        outside: { target: 'evmcs', meta: { source: vmxSet() } },
        inside_in_l2: { target: 'EINVAL', meta: ends('smm', vmxSet('SMM temporarily disables VMX')) },
        inside: { target: 'smm_vmxon', actions: 'inSmm', meta: { source: vmxSet() } },
      },
    },
    smm_vmxon: {
      on: {
        l2_without_vmxon: { target: 'EINVAL', meta: ends('smm_vmxon', vmxSet()) },
        consistent: { target: 'evmcs', meta: { source: vmxSet() } },
      },
    },
    evmcs: {
      on: {
        not_enabled: { target: 'EINVAL', meta: ends('evmcs', facts.nestedState('6b 11')) },
        enabled: { target: 'memory', actions: 'namesEvmcs', meta: { source: facts.nestedState('6b 12') } },
        not_named: { target: 'memory', meta: { source: vmxSet() } },
      },
    },
    room: {
      on: {
        needed: { target: 'EINVAL', meta: ends('room', facts.nestedState('6b 20')) },
        not_needed: {
          guard: 'namesNoEvmcs',
          target: 'accepted',
          meta: ends('empty', facts.nestedState('6b 21')),
        },
        some: { target: 'vmcs12_pa', meta: { source: vmxSet() } },
      },
    },
    ...vmx,
    ...outcomes,
  },
});
