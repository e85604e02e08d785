import { assign, setup } from 'xstate';
import { facts, kernel, type Source } from '../../model/citation.ts';
import { vcpuIoctl, vmxSet } from '../../model/kvm/nested-state/sources.ts';

/**
 * `KVM_SET_NESTED_STATE` as a decision: a state is a question that the kernel asks of the call, an arrow an answer,
 * a final state what the ioctl returns. Drawn so that every path has a call that takes it; the two facts that an
 * early answer fixes for a later one are the context. facts/nested-state-and-hyperv.md 6a to 6c;
 * `vmx_set_nested_state`, `svm_set_nested_state`.
 */

/** On the arrow into a final state: the kernel's check that ends the call there. */
export interface ArrowMeta {
  readonly source: Source;
  readonly rule?: string;
}
/** What an earlier answer settled: in SMM no L2 is entered, and EVMCS stands in for a missing `vmcs12_pa`. */
export interface NestedStateContext {
  readonly inSmm: boolean;
  readonly namesEvmcs: boolean;
}
export interface Answer {
  readonly type: string;
}

export const ends = (rule: string, source: Source): ArrowMeta => ({ source, rule });

export const outcomes = {
  accepted: { type: 'final' },
  EINVAL: { type: 'final' },
  EFAULT: { type: 'final' },
  ENOMEM: { type: 'final' },
} as const;

/** What is asked of every call before the vendor's code sees it. */
export const common = {
  pointer: {
    on: {
      faults: {
        target: 'EFAULT',
        meta: ends('copy_header', facts.nestedState('6a 1, 6b 1')),
      },
      readable: { target: 'size', meta: { source: vcpuIoctl() } },
    },
  },
  size: {
    on: {
      less_than_header: {
        target: 'EINVAL',
        meta: ends('size', facts.nestedState('6a 2, 6b 2')),
      },
      header_or_more: { target: 'flags', meta: { source: vcpuIoctl() } },
    },
  },
  flags: {
    on: {
      undefined_bits: { target: 'EINVAL', meta: ends('flags', facts.nestedState('6a 3')) },
      defined: { target: 'run_pending', meta: { source: vcpuIoctl() } },
    },
  },
  run_pending: {
    on: {
      outside_l2: {
        target: 'EINVAL',
        meta: ends('run_pending', facts.nestedState('6a 4, 6b 4')),
      },
      consistent: { target: 'format', meta: { source: vcpuIoctl() } },
    },
  },
} as const;

/** What both VMX revisions ask in the same words: up to the vmcs12, and all that is asked of it. */
export const vmx = {
  off_smm_flags: {
    on: {
      some: {
        target: 'EINVAL',
        meta: ends('off_smm_flags', facts.nestedState('6a 8, 6b 13')),
      },
      none: { target: 'off_vmcs12_pa', meta: { source: vmxSet() } },
    },
  },
  memory: {
    on: {
      none: { target: 'ENOMEM', meta: ends('memory', kernel('vmx/nested.c', 'enter_vmx_operation')) },
      enough: { target: 'room', meta: { source: vmxSet() } },
    },
  },
  vmcs12_pa: {
    on: {
      is_vmxon_pa: {
        target: 'EINVAL',
        meta: ends('vmcs12_pa', facts.nestedState('6a 16, 6b 24')),
      },
      no_page: { target: 'EINVAL', meta: ends('vmcs12_pa', vmxSet('page_address_valid')) },
      page: { target: 'vmcs12', meta: { source: vmxSet() } },
      none: [
        { guard: 'namesEvmcs', target: 'vmcs12', meta: { source: vmxSet('KVM_STATE_NESTED_EVMCS') } },
        { target: 'EINVAL', meta: ends('no_vmcs12', vmxSet()) },
      ],
    },
  },
  vmcs12: {
    on: {
      faults: { target: 'EFAULT', meta: ends('copy_vmcs12', vmxSet('copy_from_user')) },
      other_revision: {
        target: 'EINVAL',
        meta: ends('revision', facts.nestedState('6a 17')),
      },
      right_revision: { target: 'l2', meta: { source: vmxSet('VMCS12_REVISION') } },
    },
  },
  l2: {
    on: {
      not_running: {
        target: 'accepted',
        meta: ends('not_in_l2', facts.nestedState('6b 22')),
      },
      running: { guard: 'outsideSmm', target: 'shadow', meta: { source: vmxSet() } },
    },
  },
  shadow: {
    on: {
      none: { target: 'entry', meta: { source: vmxSet('nested_cpu_has_shadow_vmcs') } },
      no_room: { target: 'EINVAL', meta: ends('shadow_room', vmxSet()) },
      faults: { target: 'EFAULT', meta: ends('copy_shadow', vmxSet('copy_from_user')) },
      unfit: { target: 'EINVAL', meta: ends('shadow', vmxSet('VMCS12_REVISION')) },
      fit: { target: 'entry', meta: { source: vmxSet() } },
    },
  },
  entry: {
    on: {
      refused: { target: 'EINVAL', meta: ends('entry', vmxSet('nested_vmx_check_controls')) },
      entered: { target: 'accepted', meta: ends('entered', vmxSet('nested_vmx_enter_non_root_mode')) },
    },
  },
} as const;

export const decision = setup({
  types: { context: {} as NestedStateContext, events: {} as Answer, meta: {} as ArrowMeta },
  actions: { inSmm: assign({ inSmm: true }), namesEvmcs: assign({ namesEvmcs: true }) },
  guards: {
    outsideSmm: ({ context }) => !context.inSmm,
    namesEvmcs: ({ context }) => context.namesEvmcs,
    namesNoEvmcs: ({ context }) => !context.namesEvmcs,
  },
});
export const start = { inSmm: false, namesEvmcs: false };
