import {
  array,
  bit,
  bitFields,
  bits,
  bytes,
  layout,
  reserved,
  struct,
  type StructHistory,
  u32,
  u64,
  u8,
} from '../bits/index.ts';
import { both, facts, seed } from '../citation.ts';

/**
 * `struct hv_vp_assist_page`: the page that a Hyper-V guest shares with its hypervisor, one a virtual processor.
 * What counts is the hypervisor's layout, which does not change; the kernel's definition of it did.
 * facts/nested-state-and-hyperv.md 7; seed 001, "x86/Hyper-V: Fix definition of struct hv_vp_assist_page".
 */

/** Before the fix: the kernel had it wrong, at places that nobody used yet. */
export const VpAssistPageBefore = struct(
  'hv_vp_assist_page',
  {
    apic_assist: u32,
    reserved: u32,
    vtl_control: array(u64, 2),
    nested_enlightenments_control: array(u64, 2),
    enlighten_vmentry: u32,
    padding: u32,
    current_nested_vmcs: u64,
  },
  { packed: true, size: 56, offsets: { enlighten_vmentry: 40, current_nested_vmcs: 48 } },
);

/** The first version of the fix: refused in review, "will get a very different offset breaking Enlightened VMCS". */
export const VpAssistPageV1 = struct(
  'hv_vp_assist_page',
  {
    apic_assist: u32,
    reserved1: u32,
    vtl_control: array(u64, 3),
    nested_enlightenments_control: array(u64, 2),
    enlighten_vmentry: u8,
    reserved2: bytes(7),
    current_nested_vmcs: u64,
  },
  { packed: true, size: 64, offsets: { enlighten_vmentry: 48, current_nested_vmcs: 56 } },
);

const features = bitFields(
  layout('features', { directhypercall: bit(0), reserved: bits(31, 1), _63_32: reserved(63, 32) }),
);
const hypercallControls = bitFields(
  layout('hypercall_controls', {
    inter_partition_comm: bit(0),
    reserved: bits(31, 1),
    _63_32: reserved(63, 32),
  }),
);

/** `struct hv_nested_enlightenments_control` as merged. */
export const NestedEnlightenmentsControl = struct(
  'hv_nested_enlightenments_control',
  { features, hypercallControls: struct('hypercallControls', { reserved: u32 }, { size: 4 }) },
  { packed: true, size: 8, offsets: { features: 0, hypercallControls: 4 } },
);

/** As merged (version 2 and after): "vtl_control should be u64[3], nested_enlightenments_control should be a u64". */
export const VpAssistPageMerged = struct(
  'hv_vp_assist_page',
  {
    apic_assist: u32,
    reserved1: u32,
    vtl_control: array(u64, 3),
    nested_control: NestedEnlightenmentsControl,
    enlighten_vmentry: u8,
    reserved2: bytes(7),
    current_nested_vmcs: u64,
  },
  {
    packed: true,
    size: 56,
    offsets: { nested_control: 32, enlighten_vmentry: 40, current_nested_vmcs: 48 },
  },
);

/** `struct hv_nested_enlightenments_control` today. */
export const NestedEnlightenmentsControlModern = struct(
  'hv_nested_enlightenments_control',
  { features, hypercall_controls: hypercallControls },
  { packed: true, size: 8 },
);

/** Today's: the whole of what the hypervisor defines. */
export const VpAssistPage = struct(
  'hv_vp_assist_page',
  {
    apic_assist: u32,
    reserved1: u32,
    vtl_entry_reason: u32,
    vtl_reserved: u32,
    vtl_ret_x64rax: u64,
    vtl_ret_x64rcx: u64,
    nested_control: NestedEnlightenmentsControlModern,
    enlighten_vmentry: u8,
    reserved2: bytes(7),
    current_nested_vmcs: u64,
    synthetic_time_unhalted_timer_expired: u8,
    reserved3: bytes(7),
    virtualization_fault_information: bytes(40),
    reserved4: bytes(8),
    intercept_message: bytes(256),
    vtl_ret_actions: bytes(256),
  },
  {
    packed: true,
    size: 624,
    offsets: {
      vtl_entry_reason: 8,
      vtl_reserved: 12,
      vtl_ret_x64rax: 16,
      vtl_ret_x64rcx: 24,
      nested_control: 32,
      enlighten_vmentry: 40,
      current_nested_vmcs: 48,
      synthetic_time_unhalted_timer_expired: 56,
      virtualization_fault_information: 64,
      reserved4: 104,
      intercept_message: 112,
      vtl_ret_actions: 368,
    },
  },
);

/** The first bit of the control that was two opaque words before it was a structure. */
const directHypercall = 'nested_control.features.directhypercall';

export const vpAssistPageHistory: StructHistory = {
  name: 'hv_vp_assist_page',
  about: "the page that a Hyper-V guest shares with its hypervisor; the kernel's definition of it",
  revisions: [
    {
      revision: 'before',
      about: 'before the fix',
      source: both(seed('001', 'was defined incorrectly'), facts.nestedState('7')),
      table: VpAssistPageBefore,
      sharedNames: {
        reserved: 'reserved1',
        nested_enlightenments_control: directHypercall,
        padding: 'reserved2',
      },
    },
    {
      revision: 'v1',
      about: 'the first fix, refused in review',
      source: facts.nestedState('7', 'will get a very different offset breaking Enlightened VMCS'),
      table: VpAssistPageV1,
      sharedNames: { nested_enlightenments_control: directHypercall },
    },
    {
      revision: 'merged',
      about: 'the fix as merged',
      source: seed('001', 'Move definition of struct hv_nested_enlightenments_control into this patch'),
      table: VpAssistPageMerged,
    },
    {
      revision: 'modern',
      about: "today's kernel header",
      source: facts.nestedState('7', 'Modern header (hvgdk)'),
      table: VpAssistPage,
      sharedNames: {
        vtl_entry_reason: 'vtl_control',
        'nested_control.hypercall_controls.inter_partition_comm':
          'nested_control.hypercallControls.reserved',
      },
    },
  ],
};
