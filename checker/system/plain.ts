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
    next[at(slot)] = value;
  };
  const result = action.run(read, write);
  return result === disabled ? undefined : { result, state: next };
}

export const initialState = ({ slots }: System): readonly Value[] => slots.map(({ initial }) => initial);

/** A state as one string that no other state has: each value with its kind and length, so that no text runs into the next. */
export const keyOf = (state: readonly Value[]): string =>
  state.map(value => `${typeof value} ${String(value).length} ${value}`).join();

/** Whether a result is a refusal in this system: negative numbers, unless it says otherwise. */
export const isRefusal = (system: Pick<System, 'isRefusal'>, result: Result): boolean =>
  system.isRefusal?.(result) ?? (typeof result === 'number' && result < 0);

/** One transition, as a search meets it. States are numbered in the order in which they are found, from 0. */
export interface PlainStep {
  readonly from: number;
  /** `undefined` where the state was left out: it is beyond the limit or too far away. */
  readonly to: number | undefined;
  readonly action: Action;
  readonly result: Result;
  /** The state that it leads to. */
  readonly state: readonly Value[];
  /** Whether that state is found by this step. */
  readonly isNew: boolean;
}

export interface PlainSearchOptions {
  /** State 0; the initial one where left out. */
  readonly from?: readonly Value[];
  /** The most states that are found. */
  readonly limit?: number;
  /** How many steps away from state 0 states are found. */
  readonly depth?: number;
  /** Follows no refused calls. */
  readonly legalOnly?: boolean;
}

/**
 * Searches breadth first the plain way: runs every action in every state, one string key a state. The second
 * implementation that the engine is held against, and quick to start where only what is near is wanted.
 */
export function* plainSearch(system: System, options: PlainSearchOptions = {}): Generator<PlainStep> {
  const {
    from: start = initialState(system),
    limit = Infinity,
    depth = Infinity,
    legalOnly = false,
  } = options;
  const found = new Map([[keyOf(start), 0]]);
  const frontier = [{ state: start, distance: 0 }];
  for (const [from, { state: before, distance }] of frontier.entries())
    for (const action of system.actions) {
      const step = stepFrom(system, before, action);
      if (step === undefined || (legalOnly && isRefusal(system, step.result))) continue;
      const key = keyOf(step.state);
      const known = found.get(key);
      const isNew = known === undefined && distance < depth && frontier.length < limit;
      const to = isNew ? frontier.push({ state: step.state, distance: distance + 1 }) - 1 : known;
      if (isNew) found.set(key, frontier.length - 1);
      yield { from, to, action, ...step, isNew };
    }
}

/** The graph of the states that a search finds. `onLeftOut` hears of each transition that leads out of it. */
export function plainGraph(
  system: System,
  options: PlainSearchOptions = {},
  onLeftOut?: (step: PlainStep) => void,
): StateGraph {
  const states = [options.from ?? initialState(system)];
  const edges: StateGraph['edges'][number][] = [];
  for (const step of plainSearch(system, options)) {
    const { from, to, action, result, state, isNew } = step;
    if (isNew) states.push(state);
    if (to === undefined) onLeftOut?.(step);
    else edges.push({ from, to, action, result });
  }
  return { slots: system.slots, states, edges };
}

/**
 * A small system's states and transitions in full: the graph that pictures are drawn from.
 *
 * @throws RangeError when there are more than `limit` states.
 */
export const enumerate = (system: System, limit: number): StateGraph =>
  plainGraph(system, { limit }, () => {
    throw new RangeError(`${system.name} has more than ${limit} states`);
  });
