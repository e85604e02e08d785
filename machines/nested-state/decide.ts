import { type AnyMachineSnapshot, type AnyStateMachine, getInitialSnapshot, getNextSnapshot } from 'xstate';
import type { Call } from '../../model/kvm/nested-state/index.ts';
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

interface Arrow {
  readonly target: AnyMachineSnapshot;
  readonly rule: string | undefined;
}

/** The arrow that an answer takes, by xstate. */
function take(machine: AnyStateMachine, from: AnyMachineSnapshot, answer: string): Arrow {
  const event = { type: answer };
  const question = String(from.value);
  if (!from.can(event)) throw new Error(`${machine.id} has no arrow ${answer} in ${question}`);
  const target: AnyMachineSnapshot = getNextSnapshot(machine, from, event);
  const arrows = machine.root.states[question]?.on[answer] ?? [];
  const arrow = arrows.find(({ target: nodes }) => nodes?.[0]?.key === target.value);
  const rule: unknown = arrow?.meta?.['rule'];
  return { target, rule: typeof rule === 'string' ? rule : undefined };
}

/**
 * Asks a machine's questions of calls. Each distinct arrow is computed by xstate once and looked up ever after, since
 * a call takes up to 20 of them.
 */
export function decider<V>(machine: AnyStateMachine, answers: Answers<V>): (call: Call<V>) => Decision {
  const known = new Map<string, Arrow>();
  const initial: AnyMachineSnapshot = getInitialSnapshot(machine);
  return call => {
    const path: string[] = [];
    let at: Arrow = { target: initial, rule: undefined };
    while (at.target.status === 'active') {
      const question = String(at.target.value);
      const answer = answers[question]?.(call);
      if (answer === undefined) throw new Error(`nothing answers ${question} of ${machine.id}`);
      path.push(`${question}: ${answer}`);
      const key = JSON.stringify([question, at.target.context, answer]);
      const next: Arrow = known.get(key) ?? take(machine, at.target, answer);
      known.set(key, next);
      at = next;
    }
    return { path, outcome: String(at.target.value), rule: at.rule ?? '' };
  };
}

/** Every answer that a machine draws, once: what its paths are generated from. */
export const answersDrawn = (machine: AnyStateMachine): { readonly type: string }[] =>
  [...new Set(Object.values(machine.root.states).flatMap(state => [...state.ownEvents]))].map(type => ({
    type,
  }));
