import { Format, KvmNestedState, noAddress, pageOfData, Vmcs12, vmcs12Revision } from './abi.ts';
import type { VmxVcpu } from './dialect.ts';
import { SmmFlags, StateFlags, StateFlagsWithoutVmxon, VmxFlags } from './flags.ts';
import { accept, type Call, isDefined, isPageAddress, refuse, type Rule, vmcs12At } from './rule.ts';
import { both, facts, kernel } from '../../citation.ts';
import { vmxSet } from './sources.ts';

/** `vmx_set_nested_state`, check by check. A list below puts them in the order of its revision. */
type VmxRule = Rule<VmxVcpu>;
type VmxCall = Call<VmxVcpu>;

const flagsOf = ({ state }: VmxCall) => StateFlags.decode(BigInt(state.flags));
const smmOf = ({ state }: VmxCall) => SmmFlags.decode(BigInt(state.vmx.smmFlags));
const hasVmxon = ({ state }: VmxCall): boolean => state.vmx.vmxonPa !== noAddress;
const hasVmcs12 = ({ state }: VmxCall): boolean => state.vmx.vmcs12Pa !== noAddress;
const isPage = (address: bigint, { vcpu }: VmxCall): boolean =>
  isPageAddress(address, vcpu.maxPhysicalAddressWidth);
const roomForVmcs12 = KvmNestedState.size + Vmcs12.size;

const format: VmxRule = refuse(
  {
    name: 'format',
    about: 'format is VMX',
    source: both(vmxSet(), facts.nestedState('6a 5, 6b 5')),
  },
  ({ state }) => state.format !== Format.vmx,
);

const vmxCpuid: VmxRule = refuse(
  {
    name: 'vmx_cpuid',
    about: 'the guest has VMX, where the state has a VMXON region',
    source: both(vmxSet('nested_vmx_allowed'), facts.nestedState('6a 6, 6b 6')),
  },
  call => hasVmxon(call) && !call.vcpu.guestVmxCpuid,
);
const withoutVmx2019: VmxRule = accept(
  {
    name: 'without_vmx',
    about: 'a guest without VMX takes a state without a VMXON region, whatever else it says',
    source: both(vmxSet('vmxon_pa == -1ull ? 0 : -EINVAL'), facts.nestedState('6a 7')),
  },
  ({ vcpu }) => !vcpu.guestVmxCpuid,
);

const offSmmFlags: VmxRule = refuse(
  {
    name: 'off_smm_flags',
    about: 'without a VMXON region there are no SMM flags',
    source: both(vmxSet(), facts.nestedState('6a 8, 6b 13')),
  },
  call => !hasVmxon(call) && call.state.vmx.smmFlags !== 0,
);
const offVmcs12: VmxRule = refuse(
  {
    name: 'off_vmcs12_pa',
    about: 'without a VMXON region there is no vmcs12',
    source: both(vmxSet(), facts.nestedState('6a 9, 6b 7')),
  },
  call => !hasVmxon(call) && hasVmcs12(call),
);
const offFlags: VmxRule = refuse(
  {
    name: 'off_flags',
    about: 'without a VMXON region no flag but EVMCS is set',
    source: both(vmxSet('KVM_STATE_NESTED_EVMCS used to signal'), facts.nestedState('6b 8, 9')),
  },
  call => !hasVmxon(call) && !isDefined(call.state.flags, StateFlagsWithoutVmxon),
);
const off: VmxRule = accept(
  {
    name: 'off',
    about: 'a state without a VMXON region leaves VMX operation, and that is all',
    source: both(vmxSet('vmx_leave_nested'), facts.nestedState('6a 10, 6b 10')),
  },
  call => !hasVmxon(call),
);

const vmxonAddress: VmxRule = refuse(
  {
    name: 'vmxon_pa',
    about: 'vmxon_pa is page aligned and within the guest physical-address width',
    source: both(vmxSet('page_address_valid'), facts.nestedState('6a 11, 6b 16')),
  },
  call => hasVmxon(call) && !isPage(call.state.vmx.vmxonPa, call),
);

const smmGuestMode: VmxRule = refuse(
  {
    name: 'smm_guest_mode',
    about: 'the vCPU is not both in L2 and in SMM above L2',
    source: both(vmxSet(), facts.nestedState('6a 12, 6b 17')),
  },
  call => smmOf(call).guestMode && flagsOf(call).guestMode,
);
const smmFlags: VmxRule = refuse(
  {
    name: 'smm_flags',
    about: 'smm.flags has only defined bits',
    source: both(vmxSet(), facts.nestedState('6a 13, 6b 18')),
  },
  ({ state }) => !isDefined(state.vmx.smmFlags, SmmFlags),
);
const vmxFlags: VmxRule = refuse(
  {
    name: 'vmx_flags',
    about: 'hdr.vmx.flags has only defined bits',
    source: both(vmxSet(), facts.nestedState('6b 14, 23')),
  },
  ({ state }) => !isDefined(state.vmx.flags, VmxFlags),
);
const smm: VmxRule = refuse(
  {
    name: 'smm',
    about: 'in SMM the vCPU is not in L2 and no entry is pending; outside SMM there are no SMM flags',
    source: both(vmxSet('SMM temporarily disables VMX'), facts.nestedState('6a 14, 6b 19')),
  },
  call =>
    call.vcpu.inSmm ? flagsOf(call).guestMode || flagsOf(call).runPending : call.state.vmx.smmFlags !== 0,
);
const smm2019: VmxRule = refuse(
  {
    name: 'smm',
    about: 'in SMM no flag is set; outside SMM there are no SMM flags',
    source: both(vmxSet('SMM temporarily disables VMX'), facts.nestedState('6a 14')),
  },
  ({ state, vcpu }) => (vcpu.inSmm ? state.flags : state.vmx.smmFlags) !== 0,
);
const smmVmxon: VmxRule = refuse(
  { name: 'smm_vmxon', about: 'SMM above L2 implies SMM above VMX operation', source: vmxSet() },
  call => smmOf(call).guestMode && !smmOf(call).vmxon,
);

const evmcs: VmxRule = refuse(
  {
    name: 'evmcs',
    about: 'EVMCS needs a guest with VMX and the enlightened VMCS enabled on the vCPU',
    source: both(vmxSet(), facts.nestedState('6b 11, 12')),
  },
  call => flagsOf(call).evmcs && !(call.vcpu.guestVmxCpuid && call.vcpu.enlightenedVmcs),
);

const memory: VmxRule = refuse(
  {
    name: 'memory',
    about: 'there is memory for VMX operation',
    source: kernel('vmx/nested.c', 'enter_vmx_operation'),
  },
  ({ vcpu }) => !vcpu.hasMemory,
  'ENOMEM',
);

const room: VmxRule = refuse(
  {
    name: 'room',
    about: 'a state that has a vmcs12 (by address, by EVMCS, or by being in L2) has room for it',
    source: both(vmxSet("Empty 'VMXON' state is permitted if no VMCS loaded"), facts.nestedState('6b 20')),
  },
  call =>
    call.state.size < roomForVmcs12 && (flagsOf(call).guestMode || flagsOf(call).evmcs || hasVmcs12(call)),
);
const empty: VmxRule = accept(
  {
    name: 'empty',
    about: 'a state too small for a vmcs12 is VMX operation without a current VMCS',
    source: both(vmxSet("Empty 'VMXON' state is permitted"), facts.nestedState('6a 15, 6b 21')),
  },
  ({ state }) => state.size < roomForVmcs12,
);

const vmcs12Address: VmxRule = refuse(
  {
    name: 'vmcs12_pa',
    about: 'vmcs12_pa is a page address, and not the VMXON region',
    source: both(vmxSet(), facts.nestedState('6a 16, 6b 24')),
  },
  call =>
    hasVmcs12(call) &&
    (call.state.vmx.vmcs12Pa === call.state.vmx.vmxonPa || !isPage(call.state.vmx.vmcs12Pa, call)),
);
const noVmcs12: VmxRule = refuse(
  {
    name: 'no_vmcs12',
    about: 'a state with room for a vmcs12 names one, by address or by EVMCS',
    source: both(vmxSet(), facts.nestedState('6b 15')),
  },
  call => !hasVmcs12(call) && !flagsOf(call).evmcs,
);

const copyVmcs12: VmxRule = refuse(
  { name: 'copy_vmcs12', about: 'the vmcs12 can be read', source: vmxSet('copy_from_user') },
  ({ state }) => vmcs12At(state.data, 0) === undefined,
  'EFAULT',
);
const revision: VmxRule = refuse(
  {
    name: 'revision',
    about: 'the vmcs12 is of the revision that this KVM writes',
    source: both(vmxSet('VMCS12_REVISION'), facts.nestedState('6a 17')),
  },
  ({ state }) => vmcs12At(state.data, 0)?.revision !== vmcs12Revision,
);
const notInL2: VmxRule = accept(
  {
    name: 'not_in_l2',
    about: 'a state that is not in L2 needs nothing more of its vmcs12',
    source: both(vmxSet(), facts.nestedState('6b 22')),
  },
  call => !flagsOf(call).guestMode,
);

const usesShadow = ({ state }: VmxCall): boolean => vmcs12At(state.data, 0)?.usesShadow === true;
const shadowRoom = (bytes: number): VmxRule =>
  refuse(
    {
      name: 'shadow_room',
      about: 'a vmcs12 that uses a shadow VMCS leaves room for it',
      source: vmxSet('nested_cpu_has_shadow_vmcs'),
    },
    call => usesShadow(call) && call.state.size < bytes,
  );
const copyShadow: VmxRule = refuse(
  { name: 'copy_shadow', about: 'the shadow vmcs12 can be read', source: vmxSet('copy_from_user') },
  call => usesShadow(call) && vmcs12At(call.state.data, pageOfData) === undefined,
  'EFAULT',
);
const shadow: VmxRule = refuse(
  {
    name: 'shadow',
    about: 'the shadow vmcs12 has the same revision and the shadow-VMCS indicator',
    source: vmxSet('VMCS12_REVISION'),
  },
  call => {
    if (!usesShadow(call)) return false;
    const vmcs12 = vmcs12At(call.state.data, pageOfData);
    return vmcs12?.revision !== vmcs12Revision || !vmcs12.isShadow;
  },
);

const entry: VmxRule = refuse(
  {
    name: 'entry',
    about: "the vmcs12 passes VM entry's own checks",
    source: vmxSet('nested_vmx_check_controls', 'nested_vmx_enter_non_root_mode'),
  },
  ({ vcpu }) => !vcpu.entersL2,
);
const entered: VmxRule = accept(
  { name: 'entered', about: 'the vCPU is in L2', source: vmxSet('nested_vmx_enter_non_root_mode') },
  () => true,
);

/**
 * facts/nested-state-and-hyperv.md 6a. A VMXON region without room for a vmcs12 is accepted even where `vmcs_pa`
 * names one (row 15).
 */
// prettier-ignore
export const vmxRules2019: readonly VmxRule[] = [
  format, vmxCpuid, withoutVmx2019,
  offSmmFlags, offVmcs12, off,
  vmxonAddress, smmGuestMode, smmFlags, smm2019, smmVmxon, memory,
  empty, vmcs12Address, noVmcs12, copyVmcs12, revision, notInL2,
  shadowRoom(KvmNestedState.size + 2 * Vmcs12.size), // while the shadow vmcs12 is read one page further on
  copyShadow, shadow, entry, entered,
];

/** facts/nested-state-and-hyperv.md 6b. */
// prettier-ignore
export const vmxRules: readonly VmxRule[] = [
  format, offSmmFlags, offVmcs12, offFlags, vmxCpuid,
  vmxonAddress, smmGuestMode, smmFlags, vmxFlags, smm, smmVmxon, evmcs, off, memory,
  room, empty, vmcs12Address, noVmcs12, copyVmcs12, revision, notInL2,
  shadowRoom(KvmNestedState.size + pageOfData + Vmcs12.size),
  copyShadow, shadow, entry, entered,
];
