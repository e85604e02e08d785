import { getNextSnapshot, type SnapshotFrom } from 'xstate';
import { type Call, callOf, type Dialect, type Vcpu } from '../../model/kvm/nested-state/index.ts';
import { type Answers, svmAnswers, vmxAnswers, vmxAnswers2019 } from './answers.ts';
import { svmNestedState } from './svm.ts';
import { vmxNestedState2019 } from './vmx-2019.ts';
import { vmxNestedState } from './vmx.ts';

export type NestedStateMachine = typeof vmxNestedState | typeof vmxNestedState2019 | typeof svmNestedState;

/** How a machine ended a call: the answers in order, the final state, and the check that the last arrow names. */
export interface Decision {
  readonly path: readonly string[];
  readonly outcome: string;
  readonly rule: string;
}

type Snapshot = SnapshotFrom<typeof vmxNestedState>;
interface Arrow {
  readonly target: Snapshot;
  readonly rule: string | undefined;
}

/** Follows a machine's arrows, each computed by xstate once: a call takes up to 18 of them. */
class Arrows {
  readonly initial: Snapshot;
  readonly #machine: NestedStateMachine;
  readonly #known = new Map<string, Arrow>();

  constructor(machine: NestedStateMachine) {
    this.#machine = machine;
    this.initial = machine.getInitialSnapshot(undefined as never);
  }
}
export {
  type Answers,
  Arrows,
  callOf,
  type Call,
  type Dialect,
  getNextSnapshot,
  svmAnswers,
  type Vcpu,
  vmxAnswers,
  vmxAnswers2019,
};
