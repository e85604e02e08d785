import type { Action, Instance, Property, Read, Slot, Step, Verdict } from '../checker/index.ts';
import {
  Format,
  isDefined,
  isPageAddress,
  noAddress,
  pageOfData,
  SmmFlags,
  StateFlags,
  Vmcs12,
  Vmcs12Header,
  vmcs12Revision,
  VmxFlags,
} from '../model/kvm/nested-state/index.ts';
import { type NestedStateCall, nestedStateSteps, type Taken } from './nested-state-steps.ts';
import { all, always, eachStep, recoverable, sometimes } from './sentence.ts';
import { facts } from '../model/citation.ts';
import { vmxSet } from '../model/kvm/nested-state/sources.ts';

/** Where a vCPU's nested VMX lies in a system's state. */
export interface NestedVmxSlots {
  readonly vmxonPa: Slot<bigint>;
  readonly vmcs12Pa: Slot<bigint>;
  readonly evmcs: Slot<boolean>;
  readonly smmVmxon: Slot<boolean>;
  readonly smmGuestMode: Slot<boolean>;
  readonly guestMode: Slot<boolean>;
  readonly runPending: Slot<boolean>;
  readonly mtfPending: Slot<boolean>;
  readonly shadow: Slot<boolean>;
  readonly inSmm: Slot<boolean>;
  readonly enlightenedVmcs: Slot<boolean>;
  readonly guestVmxCpuid: Slot<boolean>;
}

const once = (holds: (read: Read) => boolean | Verdict): Instance[] => [{ about: '', holds }];
const implies = (premise: boolean, conclusion: boolean): boolean => !premise || conclusion;

/** What must be true of a vCPU's nested VMX in every state, and the states that show it is not true of nothing. */
export function nestedVmxProperties(
  s: NestedVmxSlots,
  maxPhysicalAddressWidth: number,
): readonly Property[] {
  const isOn = (read: Read): boolean => read(s.vmxonPa) !== noAddress;
  const hasVmcs12 = (read: Read): boolean => read(s.vmcs12Pa) !== noAddress || read(s.evmcs);
  const isPage = (address: bigint): boolean =>
    address === noAddress || isPageAddress(address, maxPhysicalAddressWidth);
  return [
    always(
      'L2 runs only in VMX operation, on a current VMCS',
      { source: facts.nestedState('6b 15, 6b 20') },
      once(read =>
        all([
          [implies(read(s.guestMode), isOn(read)), 'L2 outside VMX operation'],
          [implies(read(s.guestMode), hasVmcs12(read)), 'L2 without a current VMCS'],
        ]),
      ),
    ),
    always(
      'the VMXON region and the current VMCS are two pages',
      { source: facts.nestedState('6a 16, 6b 24') },
      once(read => implies(isOn(read), read(s.vmxonPa) !== read(s.vmcs12Pa))),
    ),
    always(
      'the VMXON region and the current VMCS are pages that the guest can have',
      { source: facts.nestedState('6a 11, 6b 16') },
      once(read =>
        all([
          [isPage(read(s.vmxonPa)), 'the VMXON region is not'],
          [isPage(read(s.vmcs12Pa)), 'the current VMCS is not'],
        ]),
      ),
    ),
    always(
      'an entry is pending only in L2',
      { source: facts.nestedState('6a 4, 6b 4') },
      once(read => implies(read(s.runPending), read(s.guestMode))),
    ),
    always(
      'in SMM the vCPU is not in L2',
      { source: vmxSet('SMM temporarily disables VMX') },
      once(read => implies(read(s.inSmm), !read(s.guestMode))),
    ),
    always(
      'outside SMM nothing waits for the return from it',
      { source: facts.nestedState('6a 14, 6b 19') },
      once(read => implies(!read(s.inSmm), !read(s.smmVmxon) && !read(s.smmGuestMode))),
    ),
    always(
      'a guest without VMX is not in VMX operation',
      { source: facts.nestedState('6a 6, 6b 6') },
      once(read => implies(!read(s.guestVmxCpuid), !isOn(read))),
    ),
    always(
      'an enlightened VMCS is current only where it is enabled',
      { source: facts.nestedState('6b 11, 6b 12') },
      once(read => implies(read(s.evmcs), read(s.enlightenedVmcs))),
    ),
    sometimes(
      'L2 runs',
      { source: facts.nestedState('6b') },
      once(read => read(s.guestMode)),
    ),
    sometimes(
      'an entry into L2 is pending',
      { source: facts.nestedState('6b') },
      once(read => read(s.runPending)),
    ),
    sometimes(
      'L2 runs beside a shadow vmcs12',
      { source: facts.nestedState('6') },
      once(read => read(s.guestMode) && read(s.shadow)),
    ),
    sometimes(
      'L2 runs on an enlightened VMCS',
      { source: facts.nestedState('6b 12') },
      once(read => read(s.guestMode) && read(s.evmcs)),
    ),
    sometimes(
      'the vCPU is in VMX operation without a current VMCS',
      { source: facts.nestedState('6b 21') },
      once(read => isOn(read) && !hasVmcs12(read)),
    ),
    sometimes(
      'SMM has interrupted L2',
      { source: facts.nestedState('6') },
      once(read => read(s.smmGuestMode)),
    ),
    recoverable(
      'user space can take the vCPU out of VMX operation',
      { source: facts.nestedState('6b 10') },
      once(read => !isOn(read) && !read(s.inSmm)),
    ),
  ];
}

const shadowEnd = pageOfData + Vmcs12.size;

/** What the vCPU has now that differs from what the call said; exceptions are what KVM drops on purpose. */
function lostBy({ state }: NestedStateCall, s: NestedVmxSlots, after: Read): string | undefined {
  const flags = StateFlags.decode(BigInt(state.flags));
  const smm = SmmFlags.decode(BigInt(state.vmx.smmFlags));
  const hasVmcs12 = after(s.vmcs12Pa) !== noAddress || after(s.evmcs);
  const conjuncts: readonly (readonly [boolean, string])[] = [
    [after(s.vmxonPa) === state.vmx.vmxonPa, 'vmxon_pa'],
    [after(s.vmcs12Pa) === state.vmx.vmcs12Pa, 'vmcs12_pa'],
    [after(s.guestMode) === flags.guestMode, 'GUEST_MODE'],
    [after(s.runPending) === flags.runPending, 'RUN_PENDING'],
    // an address wins over EVMCS; without a VMXON region the flag is a relic (facts/nested-state-and-hyperv.md 6b 12)
    [
      after(s.evmcs) === (flags.evmcs && after(s.vmxonPa) !== noAddress && after(s.vmcs12Pa) === noAddress),
      'EVMCS',
    ],
    // without a current VMCS KVM returns before it looks at the SMM flags
    [
      !hasVmcs12 || (after(s.smmVmxon) === smm.vmxon && after(s.smmGuestMode) === smm.guestMode),
      'smm.flags',
    ],
    [hasVmcs12 || after(s.vmxonPa) !== noAddress || state.vmx.smmFlags === 0, 'smm.flags'],
  ];
  return conjuncts.find(([holds]) => !holds)?.[1];
}

function takenBy(s: NestedVmxSlots): (call: NestedStateCall, after: Read) => Taken {
  return (call, after) => {
    const { flags, vmx } = call.state;
    const inL2 = after(s.guestMode);
    const hasVmcs12 = after(s.vmcs12Pa) !== noAddress || after(s.evmcs);
    const data = after(s.shadow) ? shadowEnd : hasVmcs12 ? Vmcs12.size : 0;
    const lost = lostBy(call, s, after);
    const words = [
      [flags, StateFlags, 'flags'],
      [vmx.smmFlags, SmmFlags, 'smm.flags'],
      [vmx.flags, VmxFlags, 'hdr.vmx.flags'],
    ] as const;
    const undefinedBits = words.find(([word, layout]) => !isDefined(word, layout))?.[2];
    return {
      inL2,
      allocated: after(s.vmxonPa) !== noAddress,
      counted: 128 + data,
      read: 128 + data,
      format: Format.vmx,
      ...(undefinedBits === undefined ? {} : { undefinedBits }),
      ...(lost === undefined ? {} : { lost }),
    };
  };
}

/** The revision of the vmcs12 at this byte of the data; nothing where there is none. */
const headerAt = ({ state }: NestedStateCall, at: number) =>
  state.data.length < at + 4
    ? undefined
    : Vmcs12Header.decode(
        BigInt(new DataView(state.data.buffer, state.data.byteOffset).getUint32(at, true)),
      );

/** What must be true of every call. */
export function nestedVmxSteps(
  s: NestedVmxSlots,
  callOf: (action: Action) => NestedStateCall | undefined,
): readonly Property[] {
  const ownRevision = ({ action, result, after }: Step): boolean | Verdict => {
    const call = callOf(action);
    if (call === undefined || result !== 0) return true;
    const hasVmcs12 = after(s.vmcs12Pa) !== noAddress || after(s.evmcs);
    const shadow = headerAt(call, pageOfData);
    return all([
      [!hasVmcs12 || headerAt(call, 0)?.revision === vmcs12Revision, 'the vmcs12 is not'],
      [
        !after(s.shadow) || (shadow?.revision === vmcs12Revision && shadow.shadow),
        'the shadow vmcs12 is not, or does not say that it is one',
      ],
    ]);
  };
  const leavesOrKeeps = ({ action, result, after, changed }: Step): boolean | Verdict =>
    callOf(action) === undefined || result === 0 || changed.length === 0 || !after(s.guestMode);
  return [
    ...nestedStateSteps(callOf, takenBy(s)),
    eachStep(
      'a vmcs12 that KVM takes over is of the revision that it writes',
      { source: facts.nestedState('6a 17') },
      ownRevision,
    ),
    eachStep(
      'a call that KVM refuses leaves everything as it was, or the vCPU out of L2',
      { source: vmxSet('vmx_leave_nested') },
      leavesOrKeeps,
    ),
  ];
}
