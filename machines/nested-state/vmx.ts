import { common, decision, ends, facts, kernel, nested, outcomes, start, vmx } from './decision.ts';

/** VMX in the newest revision (facts/nested-state-and-hyperv.md 6b). */
export const vmxNestedState = decision.createMachine({
  id: 'vmx-nested-state',
  context: start,
  initial: 'pointer',
  states: {
    ...common,
    format: {
      on: {
        svm: { target: 'EINVAL', meta: ends('format', 'facts/nested-state-and-hyperv.md 6b 5') },
        neither: { target: 'EINVAL', meta: ends('format', 'facts/nested-state-and-hyperv.md 6b 5') },
        vmx: { target: 'vmxon_pa', meta: kernel(nested) },
      },
    },
    vmxon_pa: {
      on: {
        none: { target: 'off_smm_flags', meta: facts('6b 10') },
        without_vmx_cpuid: {
          target: 'EINVAL',
          meta: ends('vmx_cpuid', 'facts/nested-state-and-hyperv.md 6b 6'),
        },
        no_page: { target: 'EINVAL', meta: ends('vmxon_pa', 'facts/nested-state-and-hyperv.md 6b 16') },
        page: { target: 'smm_flags', meta: kernel(nested) },
      },
    },
    off_vmcs12_pa: {
      on: {
        some: {
          target: 'EINVAL',
          meta: ends('off_vmcs12_pa', 'facts/nested-state-and-hyperv.md 6b 7, 15'),
        },
        none: { target: 'off_flags', meta: kernel(nested) },
      },
    },
    off_flags: {
      on: {
        more_than_evmcs: { target: 'EINVAL', meta: ends('off_flags', `${nested}, "used to signal"`) },
        evmcs_at_most: { target: 'off_vmx_flags', meta: facts('6b 9, 12') },
      },
    },
    off_vmx_flags: {
      on: {
        undefined_bits: { target: 'EINVAL', meta: ends('vmx_flags', nested) },
        defined: { target: 'off_evmcs', meta: kernel(nested) },
      },
    },
    off_evmcs: {
      on: {
        not_enabled: { target: 'EINVAL', meta: ends('evmcs', 'facts/nested-state-and-hyperv.md 6b 8, 11') },
        enabled: { target: 'accepted', meta: ends('off', 'facts/nested-state-and-hyperv.md 6b 12') },
        not_named: { target: 'accepted', meta: ends('off', 'facts/nested-state-and-hyperv.md 6b 9, 10') },
      },
    },
    smm_flags: {
      on: {
        l2_in_and_under_smm: {
          target: 'EINVAL',
          meta: ends('smm_guest_mode', 'facts/nested-state-and-hyperv.md 6b 17'),
        },
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('smm_flags', 'facts/nested-state-and-hyperv.md 6b 18'),
        },
        defined: { target: 'vmx_flags', meta: kernel(nested) },
      },
    },
    vmx_flags: {
      on: {
        undefined_bits: {
          target: 'EINVAL',
          meta: ends('vmx_flags', 'facts/nested-state-and-hyperv.md 6b 14, 23'),
        },
        defined: { target: 'smm', meta: kernel(nested) },
      },
    },
    smm: {
      on: {
        outside_with_smm_flags: {
          target: 'EINVAL',
          meta: ends('smm', 'facts/nested-state-and-hyperv.md 6b 19'),
        },
        outside: { target: 'evmcs', meta: kernel(nested) },
        inside_in_l2: { target: 'EINVAL', meta: ends('smm', `${nested}, "SMM temporarily disables VMX"`) },
        inside: { target: 'smm_vmxon', actions: 'inSmm', meta: kernel(nested) },
      },
    },
    smm_vmxon: {
      on: {
        l2_without_vmxon: { target: 'EINVAL', meta: ends('smm_vmxon', nested) },
        consistent: { target: 'evmcs', meta: kernel(nested) },
      },
    },
    evmcs: {
      on: {
        not_enabled: { target: 'EINVAL', meta: ends('evmcs', 'facts/nested-state-and-hyperv.md 6b 11') },
        enabled: { target: 'memory', actions: 'namesEvmcs', meta: facts('6b 12') },
        not_named: { target: 'memory', meta: kernel(nested) },
      },
    },
    room: {
      on: {
        needed: { target: 'EINVAL', meta: ends('room', 'facts/nested-state-and-hyperv.md 6b 20') },
        not_needed: {
          guard: 'namesNoEvmcs',
          target: 'accepted',
          meta: ends('empty', 'facts/nested-state-and-hyperv.md 6b 21'),
        },
        some: { target: 'vmcs12_pa', meta: kernel(nested) },
      },
    },
    ...vmx,
    ...outcomes,
  },
});
