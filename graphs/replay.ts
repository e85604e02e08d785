import {
  type Action,
  type Result,
  stepFrom,
  type System,
  type Trace,
  type Value,
} from '../checker/index.ts';
import type { RecordedCall, RecordedTrace } from './recorded-trace.ts';

/** Where a trace, run again, did something else than it says. */
export type Divergence =
  | { readonly kind: 'no such call'; readonly step: number; readonly found: string }
  | { readonly kind: 'disabled'; readonly step: number; readonly found: string }
  | { readonly kind: 'result'; readonly step: number; readonly expected: Result; readonly found: Result }
  | {
      readonly kind: 'value';
      readonly step: number;
      readonly slot: string;
      readonly expected: Value;
      readonly found: Value;
    };

export interface Replay {
  /** The steps that ran, up to and including the one that deviates. */
  readonly trace: Trace;
  /** The value of every slot before the first step and after each. */
  readonly states: readonly (readonly Value[])[];
  readonly deviation?: Divergence;
}

/** Whether two values are the same thing once written: a file does not tell 2 from 2n. */
const isSame = (a: Value | undefined, b: Value | undefined): boolean =>
  typeof a === 'string' || typeof b === 'string' ? a === b : String(a) === String(b);

const callText = ({ actor, name, args }: Pick<RecordedCall, 'actor' | 'name' | 'args'>): string =>
  `${actor}: ${name}(${Object.entries(args)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')})`;

/** The action of a system that a recorded call names, by actor, name and every argument. */
function actionFor(system: System, call: RecordedCall): Action | undefined {
  const names = Object.keys(call.args);
  return system.actions.find(
    ({ actor, name, args }) =>
      actor === call.actor &&
      name === call.name &&
      Object.keys(args).length === names.length &&
      names.every(key => isSame(args[key], call.args[key])),
  );
}

function firstDifference(
  system: System,
  recorded: RecordedTrace,
  step: number,
  state: readonly Value[],
): Divergence | undefined {
  const row = recorded.states[step];
  if (row === undefined) return undefined;
  for (const [at, name] of recorded.slots.entries()) {
    const index = system.slots.findIndex(slot => slot.name === name);
    const expected = row[at];
    const found = state[index];
    if (expected === undefined) continue;
    if (found === undefined) return { kind: 'value', step, slot: name, expected, found: 'no such slot' };
    if (!isSame(expected, found)) return { kind: 'value', step, slot: name, expected, found };
  }
  return undefined;
}

/**
 * Runs a recorded trace again from the initial state, on the system itself, and stops where call, result or a slot's
 * value is another than the trace says. Step 0 is the initial state.
 */
export function replay(system: System, recorded: RecordedTrace): Replay {
  let state: readonly Value[] = system.slots.map(slot => slot.initial);
  const states = [state];
  const steps: Trace['steps'][number][] = [];
  const ended = (deviation?: Divergence): Replay => ({
    trace: { steps, shortest: false },
    states,
    ...(deviation === undefined ? {} : { deviation }),
  });
  const initial = firstDifference(system, recorded, 0, state);
  if (initial !== undefined) return ended(initial);
  for (const [at, call] of recorded.calls.entries()) {
    const step = at + 1;
    const action = actionFor(system, call);
    if (action === undefined) return ended({ kind: 'no such call', step, found: callText(call) });
    const next = stepFrom(system, state, action);
    if (next === undefined) return ended({ kind: 'disabled', step, found: callText(call) });
    const before = state;
    const changes = system.slots.flatMap((slot, index) => {
      const [was, is] = [before[index], next.state[index]];
      return was === undefined || is === undefined || was === is ? [] : [{ slot, before: was, after: is }];
    });
    state = next.state;
    states.push(state);
    steps.push({ action, result: next.result, changes });
    if (!isSame(call.result, next.result)) {
      return ended({ kind: 'result', step, expected: call.result, found: next.result });
    }
    const different = firstDifference(system, recorded, step, state);
    if (different !== undefined) return ended(different);
  }
  return ended();
}
