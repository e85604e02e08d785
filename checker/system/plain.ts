import {
  type Action,
  disabled,
  type Read,
  type Result,
  type Slot,
  type System,
  type Value,
  type Write,
} from './system.ts';

/** A small state space in full: every state with its values in slot order, every transition by index. */
export interface StateGraph {
  readonly slots: readonly Slot[];
  readonly states: readonly (readonly Value[])[];
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    readonly action: Action;
    readonly result: Result;
  }[];
}

/** One transition from a state, computed by running the action itself. `undefined` where it is disabled. */
export function stepFrom(
  system: System,
  state: readonly Value[],
  action: Action,
): { readonly result: Result; readonly state: readonly Value[] } | undefined {
  const next = [...state];
  const index = new Map(system.slots.map((slot, at) => [slot, at]));
  const at = (slot: Slot): number => {
    const found = index.get(slot);
    if (found === undefined)
      throw new Error(`${action.name} uses slot ${slot.name}, which ${system.name} does not have`);
    return found;
  };
  const read = ((slot: Slot, lens?: (value: Value) => Value) => {
    const value = next[at(slot)] as Value;
    return lens === undefined ? value : lens(value);
  }) as Read;
  const write: Write = (slot, value) => {
    next[at(slot as Slot)] = value;
  };
  const result = action.run(read, write);
  return result === disabled ? undefined : { result, state: next };
}

/**
 * Enumerates a small system the plain way, one string key a state: the graph that pictures are drawn from, and the
 * second implementation that the engine is held against.
 *
 * @throws RangeError when there are more than `limit` states.
 */
export function enumerate(system: System, limit: number): StateGraph {
  // each value with its length, so that no text can run into the next
  const keyOf = (state: readonly Value[]): string =>
    state.map(value => `${typeof value} ${String(value).length} ${value}`).join();
  const initial = system.slots.map(slot => slot.initial);
  const states: (readonly Value[])[] = [initial];
  const seen = new Map([[keyOf(initial), 0]]);
  const edges: StateGraph['edges'][number][] = [];
  for (let from = 0; from < states.length; from++) {
    for (const action of system.actions) {
      const step = stepFrom(system, states[from] ?? initial, action);
      if (step === undefined) continue;
      const key = keyOf(step.state);
      let to = seen.get(key);
      if (to === undefined) {
        to = states.length;
        if (to >= limit) throw new RangeError(`${system.name} has more than ${limit} states`);
        seen.set(key, to);
        states.push(step.state);
      }
      edges.push({ from, to, action, result: step.result });
    }
  }
  return { slots: system.slots, states, edges };
}
