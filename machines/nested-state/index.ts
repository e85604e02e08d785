import { svmAnswers, vmxAnswers, vmxAnswers2019 } from './answers.ts';
import type { MachineEntry } from '../entry.ts';
import { decider, decisionEntry } from './decide.ts';
import { svmNestedState } from './svm.ts';
import { vmxNestedState2019 } from './vmx-2019.ts';
import { vmxNestedState } from './vmx.ts';

export type { Answers } from './answers.ts';
export { answersDrawn, type Decision, decider } from './decide.ts';
export type { NestedStateContext } from './decision.ts';
export { svmAnswers, svmNestedState, vmxAnswers, vmxAnswers2019, vmxNestedState, vmxNestedState2019 };

/** The decision of each machine on a call. */
export const decideVmx2019 = decider(vmxNestedState2019, vmxAnswers2019);
export const decideVmx = decider(vmxNestedState, vmxAnswers);
export const decideSvm = decider(svmNestedState, svmAnswers);

/** What `KVM_SET_NESTED_STATE` asks, as machines. */
export const nestedStateEntries: readonly MachineEntry[] = [
  decisionEntry(vmxNestedState, 'what KVM_SET_NESTED_STATE asks of a VMX state, today'),
  decisionEntry(vmxNestedState2019, 'the same in 2019: the last patch of seed 001'),
  decisionEntry(svmNestedState, 'what KVM_SET_NESTED_STATE asks of an SVM state'),
];
