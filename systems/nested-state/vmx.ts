import { type Action, type Read, type Slot, type Value } from '../../checker/index.ts';
import { decideVmx } from '../../machines/nested-state/index.ts';
import {
  callOf,
  judge,
  noAddress,
  type VmxNested,
  vmxOff,
  type VmxVcpu,
  vmxVcpu,
} from '../../model/kvm/nested-state/index.ts';
import { type NestedVmxSlots, nestedVmxProperties, nestedVmxSteps } from '../../properties/nested-vmx.ts';
import type { SystemParts } from '../define.ts';
import { argsOf, distinct, happening, type MadeCall, perVcpu, setNestedStateAction } from './call.ts';
import { type VmxChoice, vmxCall, withOneOther } from './fields.ts';
import type { NestedStateRules } from './rules.ts';
import { errnoTwin } from './twin.ts';

const flag = (name: string, initial = false): Slot<boolean> => ({ name, initial });
const address = (name: string): Slot<bigint> => ({
  name,
  initial: noAddress,
  show: value => (value === noAddress ? 'none' : `0x${value.toString(16)}`),
});

const makeSlots = (): NestedVmxSlots => ({
  vmxonPa: address('VMXON region'),
  vmcs12Pa: address('current VMCS'),
  evmcs: flag('eVMCS is current'),
  smmVmxon: flag('SMM over VMX operation'),
  smmGuestMode: flag('SMM over L2'),
  guestMode: flag('in L2'),
  runPending: flag('entry pending'),
  mtfPending: flag('MTF pending'),
  shadow: flag('shadow vmcs12'),
  inSmm: flag('in SMM'),
  enlightenedVmcs: flag('eVMCS enabled'),
  guestVmxCpuid: flag('VMX in CPUID', true),
});

const nestedNames = Object.keys(vmxOff) as (keyof VmxNested)[];

/** The nested state as it stands, each part read only when it is looked at: a call that replaces it depends on none. */
const nestedOf = (s: NestedVmxSlots, read: Read): VmxNested => ({
  get vmxonPa() {
    return read(s.vmxonPa);
  },
  get vmcs12Pa() {
    return read(s.vmcs12Pa);
  },
  get evmcs() {
    return read(s.evmcs);
  },
  get smmVmxon() {
    return read(s.smmVmxon);
  },
  get smmGuestMode() {
    return read(s.smmGuestMode);
  },
  get guestMode() {
    return read(s.guestMode);
  },
  get runPending() {
    return read(s.runPending);
  },
  get mtfPending() {
    return read(s.mtfPending);
  },
  get shadow() {
    return read(s.shadow);
  },
});

/** Nothing to restore: no VMXON region, no vmcs12, no flags. */
const plain: VmxChoice = {
  flags: 'none',
  format: 'VMX',
  size: 'header',
  vmxonPa: 'none',
  vmcs12Pa: 'none',
  smmFlags: 'none',
  vmxFlags: 'none',
  data: 'absent',
  memory: 'whole',
  entersL2: 'yes',
  hasMemory: 'yes',
};
const empty: VmxChoice = { ...plain, vmxonPa: 'page' };
const loaded: VmxChoice = { ...empty, vmcs12Pa: 'page', size: 'a vmcs12', data: 'vmcs12' };
const enlightened: VmxChoice = { ...loaded, vmcs12Pa: 'none' };
const shadowed: VmxChoice = { ...loaded, flags: 'L2', size: 'a shadow', data: 'with a shadow' };

/** The states that user space really restores, and every one of them with one field of another class. */
const bases: readonly VmxChoice[] = [
  plain,
  empty,
  loaded,
  { ...loaded, flags: 'L2' },
  { ...loaded, flags: 'L2, run pending' },
  shadowed,
  { ...enlightened, flags: 'EVMCS' },
  { ...enlightened, flags: 'L2, EVMCS' },
  { ...empty, smmFlags: 'VMXON' },
  { ...loaded, smmFlags: 'VMXON' },
  { ...loaded, smmFlags: 'VMXON, L2' },
];

const argumentNames: Readonly<Record<keyof VmxChoice, string>> = {
  flags: 'flags',
  format: 'format',
  size: 'size',
  vmxonPa: 'vmxon_pa',
  vmcs12Pa: 'vmcs12_pa',
  smmFlags: 'smm.flags',
  vmxFlags: 'vmx.flags',
  data: 'data',
  memory: 'memory',
  entersL2: 'entersL2',
  hasMemory: 'hasMemory',
};

function setNestedState(choice: VmxChoice, s: NestedVmxSlots, rules: NestedStateRules): MadeCall {
  const { memory, vcpu: brings } = vmxCall(choice, 'newest');
  const fixed = callOf(memory, vmxVcpu, 'newest');
  const vcpuFrom = (read: Read): VmxVcpu => ({
    ...vmxVcpu,
    ...brings,
    inSmm: read(s.inSmm),
    enlightenedVmcs: read(s.enlightenedVmcs),
    guestVmxCpuid: read(s.guestVmxCpuid),
  });
  const judged = perVcpu((vcpu: VmxVcpu) => judge(rules.vmx, { ...fixed, vcpu }));
  const decided = perVcpu((vcpu: VmxVcpu) => decideVmx({ ...fixed, vcpu }));
  return {
    decide: read => decided(vcpuFrom(read)),
    call: { memory, state: fixed.state, ...brings },
    action: setNestedStateAction(
      argsOf(choice, plain, argumentNames),
      read => judged(vcpuFrom(read)),
      (read, write, rule) => {
        const before = nestedOf(s, read);
        const after = rules.vmxAfter(before, fixed, rule);
        if (after !== before) for (const name of nestedNames) write<Value>(s[name], after[name]);
      },
    ),
  };
}

/** What else happens to a vCPU: its set-up by user space, the entry that was pending, SMM. */
function otherActions(s: NestedVmxSlots): readonly Action[] {
  return [
    happening('KVM_ENABLE_CAP eVMCS', 'user space', (read, write) => {
      if (read(s.enlightenedVmcs)) return false;
      write(s.enlightenedVmcs, true);
      return true;
    }),
    happening('KVM_SET_CPUID2', 'user space', (read, write) => {
      // neither would be consistent with the nested state that is there
      if (read(s.vmxonPa) !== noAddress || read(s.inSmm)) return false;
      write(s.guestVmxCpuid, !read(s.guestVmxCpuid));
      return true;
    }),
    happening('KVM_RUN', 'user space', (read, write) => {
      if (!read(s.runPending)) return false;
      write(s.runPending, false);
      return true;
    }),
    happening('SMI', 'host', (read, write) => {
      // an SMI waits for a pending entry
      if (read(s.inSmm) || read(s.runPending)) return false;
      write(s.smmVmxon, read(s.vmxonPa) !== noAddress);
      write(s.smmGuestMode, read(s.guestMode));
      write(s.guestMode, false);
      write(s.mtfPending, false);
      write(s.inSmm, true);
      return true;
    }),
    happening('RSM', 'guest', (read, write) => {
      if (!read(s.inSmm)) return false;
      write(s.guestMode, read(s.smmGuestMode));
      write(s.smmVmxon, false);
      write(s.smmGuestMode, false);
      write(s.inSmm, false);
      return true;
    }),
  ];
}

/** A vCPU on a host with VMX, and every call that restores its nested state. */
export function vmxSystem(rules: NestedStateRules): SystemParts {
  const s = makeSlots();
  const made = distinct(bases.flatMap(base => [...withOneOther(base)])).map(choice =>
    setNestedState(choice, s, rules),
  );
  const calls = new Map(made.map(one => [one.action, one]));
  return {
    slots: Object.values(s),
    groups: [nestedNames.map(name => s[name])],
    actions: [...made.map(({ action }) => action), ...otherActions(s)],
    properties: [
      ...nestedVmxProperties(s, vmxVcpu.maxPhysicalAddressWidth),
      ...nestedVmxSteps(s, action => calls.get(action)?.call),
    ],
    twin: errnoTwin((action, read) => calls.get(action)?.decide(read)),
    isRefusal: result => result !== 0,
    deadlock: 'stutter',
  };
}
