import type { Action, Instance, Property, Read, Slot } from '../checker/index.ts';
import {
  Format,
  isDefined,
  isPageAddress,
  pageOfData,
  StateFlags,
  StateFlagsSvm,
} from '../model/kvm/nested-state/index.ts';
import { type NestedStateCall, nestedStateSteps, type Taken } from './nested-state-steps.ts';
import { all, always, eachStep, recoverable, sometimes } from './sentence.ts';
import { facts } from '../model/citation.ts';
import { svmSet } from '../model/kvm/nested-state/sources.ts';

/** Where a vCPU's nested SVM lies in a system's state. */
export interface NestedSvmSlots {
  readonly gif: Slot<boolean>;
  readonly guestMode: Slot<boolean>;
  readonly runPending: Slot<boolean>;
  readonly vmcbPa: Slot<bigint>;
  readonly eferSvme: Slot<boolean>;
  readonly inSmm: Slot<boolean>;
}

const once = (holds: (read: Read) => boolean): Instance[] => [{ about: '', holds }];

/** What must be true of a vCPU's nested SVM in every state, and the states that show it is not true of nothing. */
export function nestedSvmProperties(
  s: NestedSvmSlots,
  maxPhysicalAddressWidth: number,
): readonly Property[] {
  const inL2 = (read: Read): boolean => read(s.guestMode);
  return [
    always(
      'L2 runs only with EFER.SVME',
      { source: facts.nestedState('6c 3') },
      once(read => !inL2(read) || read(s.eferSvme)),
    ),
    always(
      'L2 runs only outside SMM',
      { source: svmSet('SMM temporarily disables SVM') },
      once(read => !inL2(read) || !read(s.inSmm)),
    ),
    always(
      'the VMCB of L2 is a page that the guest can have',
      { source: facts.nestedState('6c 7') },
      once(read => !inL2(read) || isPageAddress(read(s.vmcbPa), maxPhysicalAddressWidth)),
    ),
    always(
      'an entry is pending only in L2',
      { source: facts.nestedState('6b 4') },
      once(read => !read(s.runPending) || inL2(read)),
    ),
    sometimes('L2 runs', { source: facts.nestedState('6c') }, once(inL2)),
    sometimes(
      'an entry into L2 is pending',
      { source: facts.nestedState('6c') },
      once(read => read(s.runPending)),
    ),
    sometimes(
      'the global interrupt flag is clear',
      { source: facts.nestedState('6c 4') },
      once(read => !read(s.gif)),
    ),
    recoverable(
      'user space can take the vCPU out of L2',
      { source: facts.nestedState('6c 6') },
      once(read => !inL2(read)),
    ),
  ];
}

/** The bytes of a VMCB that KVM reads: facts of `svm_set_nested_state`, as in the model. */
function takenBy(s: NestedSvmSlots, vmcbBytes: number): (call: NestedStateCall, after: Read) => Taken {
  return ({ state }, after) => {
    const flags = StateFlags.decode(BigInt(state.flags));
    const inL2 = after(s.guestMode);
    const lost = [
      [after(s.guestMode) === flags.guestMode, 'GUEST_MODE'] as const,
      [after(s.runPending) === flags.runPending, 'RUN_PENDING'] as const,
      [after(s.gif) === flags.gifSet, 'GIF_SET'] as const,
      [!inL2 || after(s.vmcbPa) === state.svm.vmcbPa, 'vmcb_pa'] as const,
    ].find(([holds]) => !holds)?.[1];
    return {
      inL2,
      allocated: inL2,
      counted: 128 + (inL2 ? pageOfData : 0),
      read: 128 + (inL2 ? vmcbBytes : 0),
      format: Format.svm,
      ...(isDefined(state.flags, StateFlagsSvm) ? {} : { undefinedBits: 'flags' }),
      ...(lost === undefined ? {} : { lost }),
    };
  };
}

/** What must be true of every call. SVM checks everything before it changes anything, and VMX does not. */
export const nestedSvmSteps = (
  s: NestedSvmSlots,
  callOf: (action: Action) => NestedStateCall | undefined,
  vmcbBytes: number,
): readonly Property[] => [
  ...nestedStateSteps(callOf, takenBy(s, vmcbBytes)),
  eachStep(
    'a call that KVM refuses changes nothing',
    { source: svmSet('All checks done, we can enter guest mode') },
    ({ action, result, changed }) =>
      all([
        [
          callOf(action) === undefined || result === 0 || changed.length === 0,
          `${changed.map(({ name }) => name).join(', ')} changed`,
        ],
      ]),
  ),
];
