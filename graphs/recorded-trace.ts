import {
  type Result,
  type StateGraph,
  stepFrom,
  type System,
  type Trace,
  type Value,
} from '../checker/index.ts';

/** One call of a trace, as data: what a file can hold. */
export interface RecordedCall {
  readonly actor: string;
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
  readonly result: Result;
}

/** Which system a trace runs in; enough to build it again. */
export interface TraceOrigin {
  readonly system: string;
  readonly profile?: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly mutant?: string;
  /** The property that the trace violates or reaches, and why. */
  readonly property?: { readonly name: string; readonly about?: string; readonly why?: string };
}

/** A trace as data: where it runs, its calls, and the value of every slot before the first and after each call. */
export interface RecordedTrace extends TraceOrigin {
  readonly slots: readonly string[];
  readonly calls: readonly RecordedCall[];
  /** One row of values a state, in the order of `slots`. Empty where the file holds calls alone. */
  readonly states: readonly (readonly Value[])[];
}

/** Records a path through a system: the calls of a counterexample, or what a person clicked. */
export function recordTrace(
  system: System,
  trace: Pick<Trace, 'steps'>,
  origin: TraceOrigin,
): RecordedTrace {
  let state: StateGraph['states'][number] = system.slots.map(slot => slot.initial);
  const states = [state];
  const calls = trace.steps.map(({ action, result }): RecordedCall => {
    state = stepFrom(system, state, action)?.state ?? state;
    states.push(state);
    return { actor: action.actor, name: action.name, args: action.args, result };
  });
  return { ...origin, slots: system.slots.map(slot => slot.name), calls, states };
}
