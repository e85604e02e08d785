import { Format, KvmNestedState, noAddress, pageOfData, Vmcs12, vmcs12Revision } from './abi.ts';
import type { NestedStateInput } from './buffer.ts';
import type { VmxVcpu } from './dialect.ts';
import { PrimaryControls, SecondaryControls, SmmFlags, StateFlags, Vmcs12Header } from './flags.ts';
import { type Call, vmcs12At } from './rule.ts';

/** What KVM keeps of a vCPU's nested VMX, as far as `KVM_SET_NESTED_STATE` writes it (newest revision). */
export interface VmxNested {
  /** The VMXON region; `noAddress` outside VMX operation. */
  readonly vmxonPa: bigint;
  /** The current VMCS of L1; `noAddress` without one. */
  readonly vmcs12Pa: bigint;
  /** The current VMCS is an enlightened one, whose address the VP assist page holds. */
  readonly evmcs: boolean;
  /** VMX operation, L2: what the SMI interrupted. */
  readonly smmVmxon: boolean;
  readonly smmGuestMode: boolean;
  readonly guestMode: boolean;
  readonly runPending: boolean;
  readonly mtfPending: boolean;
  /** L2's vmcs12 has a shadow vmcs12 beside it. */
  readonly shadow: boolean;
}

export const vmxOff: VmxNested = {
  vmxonPa: noAddress,
  vmcs12Pa: noAddress,
  evmcs: false,
  smmVmxon: false,
  smmGuestMode: false,
  guestMode: false,
  runPending: false,
  mtfPending: false,
  shadow: false,
};

/** The checks at which KVM has already left VMX operation, has entered it again, or has loaded the vmcs12. */
const leftAt = ['off', 'memory'];
const inVmxOperationAt = ['room', 'empty', 'vmcs12_pa', 'no_vmcs12'];
const vmcs12LoadedAt = [
  'copy_vmcs12',
  'revision',
  'not_in_l2',
  'shadow_room',
  'copy_shadow',
  'shadow',
  'entry',
];

/**
 * What a call leaves behind, by the check that ended it. From the moment KVM leaves the old nested state, a refusal
 * does not bring it back: `vmx_leave_nested` comes before a third of the checks.
 */
export function vmxNestedAfter(before: VmxNested, { state }: Call<VmxVcpu>, rule: string): VmxNested {
  const { vmxonPa, vmcs12Pa, smmFlags } = state.vmx;
  if (leftAt.includes(rule)) return vmxOff;
  if (inVmxOperationAt.includes(rule)) return { ...vmxOff, vmxonPa };
  const flags = StateFlags.decode(BigInt(state.flags));
  const { vmxon: smmVmxon, guestMode } = SmmFlags.decode(BigInt(smmFlags));
  const loaded: VmxNested = {
    ...vmxOff,
    vmxonPa,
    vmcs12Pa,
    evmcs: vmcs12Pa === noAddress && flags.evmcs,
    smmVmxon,
    smmGuestMode: smmVmxon && guestMode,
  };
  if (vmcs12LoadedAt.includes(rule)) return loaded;
  if (rule !== 'entered') return before;
  return {
    ...loaded,
    guestMode: true,
    runPending: flags.runPending,
    mtfPending: flags.mtfPending,
    shadow: vmcs12At(state.data, 0)?.usesShadow === true,
  };
}

function vmcs12Page(shadow: boolean): Uint8Array {
  const page = new Uint8Array(pageOfData);
  const on = (bits: bigint): number => (shadow ? Number(bits) : 0);
  page.set(
    Vmcs12.encode({
      hdr: vmcs12Revision,
      vmcs_link_pointer: shadow ? 0x3000n : noAddress,
      cpu_based_vm_exec_control: on(PrimaryControls.encode({ activateSecondary: true })),
      secondary_vm_exec_control: on(SecondaryControls.encode({ vmcsShadowing: true })),
    }),
  );
  return page;
}

/** The data of a state with a vmcs12, as KVM would write it: its revision, its link to the shadow, the shadow. */
export function vmcs12Data(shadow: boolean): Uint8Array {
  const data = new Uint8Array(shadow ? 2 * pageOfData : pageOfData);
  data.set(vmcs12Page(shadow));
  if (shadow) {
    const hdr = Number(Vmcs12Header.encode({ revision: vmcs12Revision, shadow: true }));
    data.set(Vmcs12.encode({ hdr }), pageOfData);
  }
  return data;
}

/** What `KVM_GET_NESTED_STATE` gives for it, except the vmcs12's contents: `vmx_get_nested_state`. */
export function vmxGetNestedState(nested: VmxNested): NestedStateInput {
  const isOn = nested.vmxonPa !== noAddress;
  const hasVmcs12 = isOn && (nested.vmcs12Pa !== noAddress || nested.evmcs);
  const data = hasVmcs12 ? vmcs12Data(nested.guestMode && nested.shadow) : new Uint8Array();
  const { guestMode, runPending, mtfPending, smmVmxon, smmGuestMode } = nested;
  return {
    format: Format.vmx,
    size: KvmNestedState.size + data.length,
    flags: Number(
      StateFlags.encode({
        guestMode,
        runPending: guestMode && runPending,
        mtfPending: guestMode && mtfPending,
        evmcs: hasVmcs12 && nested.evmcs,
      }),
    ),
    vmx: {
      vmxonPa: nested.vmxonPa,
      vmcs12Pa: isOn ? nested.vmcs12Pa : noAddress,
      smmFlags: Number(SmmFlags.encode({ vmxon: smmVmxon, guestMode: smmGuestMode })),
    },
    data,
  };
}
