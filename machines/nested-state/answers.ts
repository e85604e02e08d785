import {
  type Call,
  noAddress,
  pageOfData,
  SmmFlags,
  StateFlags,
  type SvmVcpu,
  type Vcpu,
  Vmcs12,
  vmcs12Revision,
  type VmxVcpu,
} from '../../model/kvm/nested-state/index.ts';

/**
 * What a call answers to each question of the machines: read off the call's fields, in no order. Written apart from
 * the model's checks, in plain arithmetic, so that the two can disagree.
 */
export type Answers<V> = Readonly<Record<string, (call: Call<V>) => string>>;

const flagsOf = ({ state }: Call<Vcpu>) => StateFlags.decode(BigInt(state.flags));
const isPage = (address: bigint, width: number): boolean =>
  address % 4096n === 0n && address < 2n ** BigInt(width);
const defined = (isDefined: boolean): string => (isDefined ? 'defined' : 'undefined_bits');

const common = {
  pointer: ({ memory }) => (memory.length < 128 ? 'faults' : 'readable'),
  size: ({ state }) => (state.size < 128 ? 'less_than_header' : 'header_or_more'),
  run_pending: call => (flagsOf(call).runPending && !flagsOf(call).guestMode ? 'outside_l2' : 'consistent'),
  format: ({ state }) => ['vmx', 'svm'][state.format] ?? 'neither',
  memory: ({ vcpu }) => (vcpu.hasMemory ? 'enough' : 'none'),
} satisfies Answers<Vcpu>;

/** A vmcs12 at this byte of the data: absent where the memory ends in it. */
function vmcs12At({ state }: Call<VmxVcpu>, at: number) {
  if (state.data.length < at + 998) return undefined;
  const { hdr, cpu_based_vm_exec_control, secondary_vm_exec_control, vmcs_link_pointer } = Vmcs12.decode(
    state.data.slice(at),
  );
  const activatesSecondary = cpu_based_vm_exec_control >= 2 ** 31;
  const shadowing = Math.floor(secondary_vm_exec_control / 2 ** 14) % 2 === 1;
  return {
    revision: hdr % 2 ** 31,
    isShadow: hdr >= 2 ** 31,
    usesShadow: activatesSecondary && shadowing && vmcs_link_pointer !== noAddress,
  };
}

function shadowAnswer(call: Call<VmxVcpu>, roomNeeded: number): string {
  if (vmcs12At(call, 0)?.usesShadow !== true) return 'none';
  if (call.state.size < roomNeeded) return 'no_room';
  const shadow = vmcs12At(call, pageOfData);
  if (shadow === undefined) return 'faults';
  return shadow.revision === vmcs12Revision && shadow.isShadow ? 'fit' : 'unfit';
}

function vmcs12AddressAnswer({ state, vcpu }: Call<VmxVcpu>): string {
  const { vmxonPa, vmcs12Pa } = state.vmx;
  if (vmcs12Pa === noAddress) return 'none';
  if (vmcs12Pa === vmxonPa) return 'is_vmxon_pa';
  return isPage(vmcs12Pa, vcpu.maxPhysicalAddressWidth) ? 'page' : 'no_page';
}

function vmcs12Answer(call: Call<VmxVcpu>): string {
  const vmcs12 = vmcs12At(call, 0);
  if (vmcs12 === undefined) return 'faults';
  return vmcs12.revision === vmcs12Revision ? 'right_revision' : 'other_revision';
}

function smmFlagsAnswer(call: Call<VmxVcpu>): string {
  const { smmFlags } = call.state.vmx;
  if (SmmFlags.get(BigInt(smmFlags), 'guestMode') && flagsOf(call).guestMode) return 'l2_in_and_under_smm';
  return defined(smmFlags <= 3);
}

const someOrNone = (some: boolean): string => (some ? 'some' : 'none');
const hasRoom = ({ state }: Call<VmxVcpu>): boolean => state.size >= 128 + 998;

const vmx = {
  ...common,
  off_smm_flags: ({ state }) => someOrNone(state.vmx.smmFlags > 0),
  off_vmcs12_pa: ({ state }) => someOrNone(state.vmx.vmcs12Pa !== noAddress),
  smm_flags: smmFlagsAnswer,
  smm_vmxon: ({ state }) => (state.vmx.smmFlags === 1 ? 'l2_without_vmxon' : 'consistent'),
  vmcs12_pa: vmcs12AddressAnswer,
  vmcs12: vmcs12Answer,
  l2: call => (flagsOf(call).guestMode ? 'running' : 'not_running'),
  entry: ({ vcpu }) => (vcpu.entersL2 ? 'entered' : 'refused'),
} satisfies Answers<VmxVcpu>;

export const vmxAnswers2019: Answers<VmxVcpu> = {
  ...vmx,
  flags: ({ state }) => defined(state.flags <= 7),
  guest_cpuid: ({ state, vcpu }) => {
    if (vcpu.guestVmxCpuid) return 'vmx';
    return state.vmx.vmxonPa === noAddress ? 'no_vmx_without_vmxon_pa' : 'no_vmx_with_vmxon_pa';
  },
  vmxon_pa: ({ state: { vmx }, vcpu }) => {
    if (vmx.vmxonPa === noAddress) return 'none';
    return isPage(vmx.vmxonPa, vcpu.maxPhysicalAddressWidth) ? 'page' : 'no_page';
  },
  smm: ({ state, vcpu }) => {
    if (vcpu.inSmm) return state.flags > 0 ? 'inside_with_flags' : 'inside';
    return state.vmx.smmFlags > 0 ? 'outside_with_smm_flags' : 'outside';
  },
  evmcs: call => (flagsOf(call).evmcs ? 'named' : 'not_named'),
  room: call => someOrNone(hasRoom(call)),
  shadow: call => shadowAnswer(call, 128 + 2 * 998),
};

/** Bits 0 to 3 and 8. */
const flagsAnswer = ({ state }: Call<Vcpu>): string => defined(state.flags < 512 && state.flags % 256 < 16);

function evmcsAnswer(call: Call<VmxVcpu>): string {
  if (!flagsOf(call).evmcs) return 'not_named';
  return call.vcpu.guestVmxCpuid && call.vcpu.enlightenedVmcs ? 'enabled' : 'not_enabled';
}

const vmxFlagsAnswer = ({ state }: Call<VmxVcpu>): string => defined(state.vmx.flags <= 1);

export const vmxAnswers: Answers<VmxVcpu> = {
  ...vmx,
  flags: flagsAnswer,
  vmxon_pa: ({ state: { vmx }, vcpu }) => {
    if (vmx.vmxonPa === noAddress) return 'none';
    if (!vcpu.guestVmxCpuid) return 'without_vmx_cpuid';
    return isPage(vmx.vmxonPa, vcpu.maxPhysicalAddressWidth) ? 'page' : 'no_page';
  },
  off_flags: ({ state }) => (state.flags === 0 || state.flags === 4 ? 'evmcs_at_most' : 'more_than_evmcs'),
  off_vmx_flags: vmxFlagsAnswer,
  off_evmcs: evmcsAnswer,
  vmx_flags: vmxFlagsAnswer,
  smm: call => {
    const { guestMode, runPending } = flagsOf(call);
    if (call.vcpu.inSmm) return guestMode || runPending ? 'inside_in_l2' : 'inside';
    return call.state.vmx.smmFlags > 0 ? 'outside_with_smm_flags' : 'outside';
  },
  evmcs: evmcsAnswer,
  room: call => {
    if (hasRoom(call)) return 'some';
    const { guestMode, evmcs } = flagsOf(call);
    const isNeeded = guestMode || evmcs || call.state.vmx.vmcs12Pa !== noAddress;
    return isNeeded ? 'needed' : 'not_needed';
  },
  shadow: call => shadowAnswer(call, 128 + pageOfData + 998),
};

export const svmAnswers: Answers<SvmVcpu> = {
  ...common,
  flags: flagsAnswer,
  svm_flags: ({ state }) => defined([0, 1, 2, 3, 256, 257, 258, 259].includes(state.flags)),
  l2: call => {
    if (!flagsOf(call).guestMode) return 'not_running';
    if (!call.vcpu.eferSvme) return 'without_svme';
    return call.vcpu.inSmm ? 'in_smm' : 'running';
  },
  vmcb_pa: ({ state, vcpu }) =>
    isPage(state.svm.vmcbPa, vcpu.maxPhysicalAddressWidth) ? 'page' : 'no_page',
  room: ({ state }) => someOrNone(state.size >= 128 + pageOfData),
  vmcb: ({ state, vcpu }) => {
    if (state.data.length < 1024 + 744) return 'faults';
    return vcpu.entersL2 ? 'entered' : 'refused';
  },
};
