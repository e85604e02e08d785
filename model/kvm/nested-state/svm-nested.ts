import { Format, KvmNestedState, pageOfData } from './abi.ts';
import type { NestedStateInput } from './buffer.ts';
import type { SvmVcpu } from './dialect.ts';
import { StateFlags } from './flags.ts';
import type { Call } from './rule.ts';

/** What KVM keeps of a vCPU's nested SVM, as far as `KVM_SET_NESTED_STATE` writes it (newest revision). */
export interface SvmNested {
  /** The global interrupt flag. */
  readonly gif: boolean;
  readonly guestMode: boolean;
  readonly runPending: boolean;
  /** The VMCB that L2 runs on; 0 outside L2. */
  readonly vmcbPa: bigint;
}

export const svmOff: SvmNested = { gif: true, guestMode: false, runPending: false, vmcbPa: 0n };

/** What a call leaves behind, by the check that ended it: SVM checks everything first, so a refusal changes nothing. */
export function svmNestedAfter(before: SvmNested, { state }: Call<SvmVcpu>, rule: string): SvmNested {
  const { gifSet: gif, runPending } = StateFlags.decode(BigInt(state.flags));
  if (rule === 'not_in_l2') return { ...svmOff, gif };
  if (rule === 'entered') return { gif, guestMode: true, runPending, vmcbPa: state.svm.vmcbPa };
  return before;
}

/** What `KVM_GET_NESTED_STATE` gives for it, except the VMCB's contents: `svm_get_nested_state`. */
export function svmGetNestedState({ gif, guestMode, runPending, vmcbPa }: SvmNested): NestedStateInput {
  const data = new Uint8Array(guestMode ? pageOfData : 0);
  const flags = StateFlags.encode({ guestMode, runPending: guestMode && runPending, gifSet: gif });
  return {
    format: Format.svm,
    size: KvmNestedState.size + data.length,
    flags: Number(flags),
    svm: { vmcbPa: guestMode ? vmcbPa : 0n },
    data,
  };
}
