import type { Action, Property, Read, Step, Verdict } from '../checker/index.ts';
import type { NestedState } from '../model/kvm/nested-state/index.ts';
import { all, eachStep } from './sentence.ts';
import { both, facts, kernel, type Source } from '../model/citation.ts';
import { svmSet, vmxSet } from '../model/kvm/nested-state/sources.ts';
import type { Origin } from './origin.ts';

/** One `KVM_SET_NESTED_STATE` as the sentences see it. */
export interface NestedStateCall {
  readonly memory: Uint8Array;
  readonly state: NestedState;
  readonly hasMemory: boolean;
  readonly entersL2: boolean;
}

/** What a vendor's sentences need of it: all of an accepted call, and of the vCPU after it. */
export interface Taken {
  readonly inL2: boolean;
  /** In VMX operation; on SVM, in L2. */
  readonly allocated: boolean;
  /** Bytes that `size` must count, and bytes that KVM read, for what it took over. */
  readonly counted: number;
  readonly read: number;
  readonly format: number;
  /** A bit set in the call that the revision does not define. */
  readonly undefinedBits?: string;
  /** What the vCPU does not have now though the call said so, or the other way round. */
  readonly lost?: string;
}

const origin = (source: Source): Origin => ({ source });

/** What must be true of every `KVM_SET_NESTED_STATE` that KVM accepts. */
export function nestedStateSteps(
  callOf: (action: Action) => NestedStateCall | undefined,
  taken: (call: NestedStateCall, after: Read) => Taken,
): readonly Property[] {
  const accepted =
    (holds: (call: NestedStateCall, taken: Taken) => readonly (readonly [boolean, string])[]) =>
    ({ action, result, after }: Step): boolean | Verdict => {
      const call = callOf(action);
      if (call === undefined || result !== 0) return true;
      return all(holds(call, taken(call, after)));
    };

  return [
    eachStep(
      'KVM accepts no bit that it does not define',
      origin(facts.nestedState('6a 3, 6a 13, 6b 14, 6c 2')),
      accepted((_, { undefinedBits }) => [
        [undefinedBits === undefined, `${undefinedBits} has undefined bits`],
      ]),
    ),
    eachStep(
      "KVM accepts only its own vendor's format",
      origin(facts.nestedState('6a 5, 6b 5, 6c 1')),
      accepted(({ state }, { format }) => [
        [state.format === format, `format ${state.format}, not ${format}`],
      ]),
    ),
    eachStep(
      'what KVM accepts it takes over, and KVM_GET_NESTED_STATE gives it back',
      origin(facts.nestedState('6a 18, 6b 20, 6b 25, 6c 10')),
      accepted((_, { lost }) => [[lost === undefined, `${lost} is not what the call said`]]),
    ),
    eachStep(
      'KVM takes over no more than size counts',
      origin(facts.nestedState('6a 2, 6b 20, 6c 9')),
      accepted(({ state }, { counted }) => [
        [state.size >= counted, `size counts ${state.size} bytes, KVM took ${counted}`],
      ]),
    ),
    eachStep(
      'KVM takes over only what it could read',
      origin(facts.nestedState('6a 1, 6b 1')),
      accepted(({ memory }, { read }) => [
        [memory.length >= read, `the caller has ${memory.length} bytes, KVM needs ${read}`],
      ]),
    ),
    eachStep(
      'L2 is entered only past the checks of VM entry',
      origin(both(vmxSet('nested_vmx_check_controls'), svmSet('nested_vmcb_check_controls'))),
      accepted(({ entersL2 }, { inL2 }) => [[!inL2 || entersL2, 'the checks of VM entry refuse this L2']]),
    ),
    eachStep(
      'nothing is entered without the memory for it',
      origin(both(kernel('vmx/nested.c', 'enter_vmx_operation'), svmSet('kzalloc'))),
      accepted(({ hasMemory }, { allocated }) => [[!allocated || hasMemory, 'there was no memory']]),
    ),
  ];
}
