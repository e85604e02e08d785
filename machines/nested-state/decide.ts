import type { AnyStateMachine } from 'xstate';
import type { Call } from '../../model/kvm/nested-state/index.ts';
import { arrowOf, initialState } from '../arrow.ts';
import type { MachineEntry } from '../entry.ts';
import type { Answers } from './answers.ts';

/** How a machine ended a call. */
export interface Decision {
  /** `question: answer`, in the order asked. */
  readonly path: readonly string[];
  /** The final state. */
  readonly outcome: string;
  /** The kernel's check that the last arrow names. */
  readonly rule: string;
}

/** Asks a machine's questions of calls. */
export function decider<V>(machine: AnyStateMachine, answers: Answers<V>): (call: Call<V>) => Decision {
  const arrow = arrowOf(machine);
  const initial = initialState(machine);
  return call => {
    const path: string[] = [];
    let { state, isFinal } = initial;
    let rule: unknown = '';
    while (!isFinal) {
      const question = String(state.value);
      const answer = answers[question]?.(call);
      if (answer === undefined) throw new Error(`nothing answers ${question} of ${machine.id}`);
      path.push(`${question}: ${answer}`);
      const taken = arrow(state, { type: answer });
      if ('refused' in taken) throw new Error(`${machine.id} has no arrow ${answer} in ${question}`);
      ({ to: state, isFinal } = taken);
      rule = taken.meta['rule'];
    }
    return { path, outcome: String(state.value), rule: typeof rule === 'string' ? rule : '' };
  };
}

/** Every answer that a machine draws, once: what its paths are generated from. */
export const answersDrawn = (machine: AnyStateMachine): { readonly type: string }[] =>
  [...new Set(Object.values(machine.root.states).flatMap(state => [...state.ownEvents]))].map(type => ({
    type,
  }));

/** A decision as it is drawn: its boxes are questions, its events the answers. */
export const decisionEntry = (machine: AnyStateMachine, about: string): MachineEntry => ({
  name: machine.id,
  about,
  machine,
  events: answersDrawn(machine),
  tones: {},
});
