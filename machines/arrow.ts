import {
  type AnyEventObject,
  type AnyStateMachine,
  type ContextFrom,
  type EventFrom,
  initialTransition,
  type SnapshotFrom,
  transition,
} from 'xstate';

/** Where a machine is: the state that it rests in, and what it remembers. */
export interface MachineState<M extends AnyStateMachine = AnyStateMachine> {
  readonly value: SnapshotFrom<M> extends { readonly value: infer Value } ? Value : never;
  readonly context: ContextFrom<M>;
}

/** What an event does: the state that its arrow leads to and what the arrow says of itself, or why there is none. */
export type Taken<M extends AnyStateMachine = AnyStateMachine> =
  | { readonly to: MachineState<M>; readonly isFinal: boolean; readonly meta: ArrowMeta }
  | { readonly refused: 'by guard' | 'no arrow' };

type ArrowMeta = Readonly<Record<string, unknown>>;

/** The protocol as a function: where an event leads from a state. */
export type Arrow<M extends AnyStateMachine> = (state: MachineState<M>, event: EventFrom<M>) => Taken<M>;

function take(machine: AnyStateMachine, state: MachineState, event: AnyEventObject): Taken {
  const from = machine.resolveState(state);
  if (!from.can(event)) {
    const hasArrow = from._nodes.some(node => node.ownEvents.includes(event.type));
    return { refused: hasArrow ? 'by guard' : 'no arrow' };
  }
  const [drawn] = machine.getTransitionData(from, event);
  const [{ value, context, status }] = transition(machine, from, event);
  return { to: { value, context }, isFinal: status === 'done', meta: drawn?.meta ?? {} };
}

const asked = new WeakMap<AnyStateMachine, Arrow<AnyStateMachine>>();

/**
 * How a machine is asked, and the only place that asks one: xstate computes each distinct arrow once, in 15 to 20
 * microseconds, and it is looked up ever after. Context and event must be plain JSON: it tells them apart.
 */
export function arrowOf<M extends AnyStateMachine>(machine: M): Arrow<M> {
  const before = asked.get(machine);
  if (before !== undefined) return before as Arrow<M>;
  const known = new Map<string, Taken>();
  const arrow: Arrow<AnyStateMachine> = (state, event) => {
    const key = JSON.stringify([state.value, state.context, event]);
    const found = known.get(key) ?? take(machine, state, event);
    known.set(key, found);
    return found;
  };
  asked.set(machine, arrow);
  return arrow as Arrow<M>;
}

/** The state that a machine begins in, and whether it is an end already. */
export function initialState(
  machine: AnyStateMachine,
  input?: unknown,
): { readonly state: MachineState; readonly isFinal: boolean } {
  const [{ value, context, status }] = initialTransition(machine, input);
  return { state: { value, context }, isFinal: status === 'done' };
}
