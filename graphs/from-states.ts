import {
  type Action,
  isRefusal,
  keyOf,
  type Read,
  type Slot,
  type StateGraph,
  type System,
  type Value,
} from '../checker/index.ts';
import { callText } from './call-text.ts';
import {
  checked,
  type GraphEdge,
  type GraphNode,
  type LabelledGraph,
  type Tone,
} from './labelled-graph.ts';

/** How a state, or a class of states, is drawn. States that a view gives the same `id` are one box. */
export interface Box {
  readonly id: string;
  readonly label: string;
  readonly tone?: Tone;
}

/** A way to look at the states of a system: in full, or as one page's protocol state, or as an ownership pattern. */
export interface View {
  readonly name: string;
  /** What the boxes are, in one sentence. */
  readonly about: string;
  box(read: Read): Box;
}

/** Reads the slots of one state of a graph. */
export function readerOf(slots: readonly Slot[], state: readonly Value[]): Read {
  const index = new Map(slots.map((slot, at) => [slot, at]));
  const read = (slot: Slot, lens?: (value: Value) => Value): Value => {
    const value = state[index.get(slot) ?? -1];
    if (value === undefined) throw new Error(`there is no slot ${slot.name}`);
    return lens === undefined ? value : lens(value);
  };
  return read;
}

/** A value as its slot shows it. */
export const shownValue = (slot: Slot, value: Value): string => slot.show?.(value) ?? String(value);

/** Every slot with its value: what tells a state from all others, whatever the system is about. */
export const fullView = (slots: readonly Slot[]): View => ({
  name: 'states',
  about: 'every state, by the values of its slots',
  box: read => {
    const values = slots.map(slot => [slot.name, shownValue(slot, read(slot))] as const);
    return {
      id: keyOf(slots.map(slot => read(slot))),
      label: values.map(([name, value]) => `${name}: ${value}`).join('\n'),
    };
  },
});

/** A call with its arguments, where it has any: `host_share_guest(page=0x3000, vm=2)`. */
export const callLabel = (action: Pick<Action, 'name' | 'args'>): string =>
  Object.keys(action.args).length === 0 ? action.name : callText(action);

export interface StateGraphOptions {
  /** Keep the refused calls. */
  readonly refused?: boolean;
  /** Keep the calls that lead from a box back to itself. */
  readonly loops?: boolean;
  /** Write the arguments of every call; otherwise calls that differ in arguments only are one. */
  readonly args?: boolean;
}

/**
 * A state space seen through a view: one box a class of states, one edge for every distinct call between two classes.
 * The full view gives the states themselves; a coarser one the quotient.
 */
export function fromStates(
  system: Pick<System, 'name' | 'isRefusal'>,
  { slots, states, edges }: StateGraph,
  view: View,
  options: StateGraphOptions = {},
): LabelledGraph {
  const boxes = states.map(state => view.box(readerOf(slots, state)));
  const nodes = new Map<string, GraphNode>();
  for (const box of boxes) if (!nodes.has(box.id)) nodes.set(box.id, box);
  const kept = new Map<string, GraphEdge>();
  for (const { from, to, action, result } of edges) {
    const [source, target] = [boxes[from]?.id ?? '', boxes[to]?.id ?? ''];
    const refused = isRefusal(system, result);
    if (refused ? options.refused !== true : source === target && options.loops !== true) continue;
    const edge: GraphEdge = {
      from: source,
      to: target,
      event: options.args === true ? callLabel(action) : action.name,
      ...(result === 0 || result === 'ok' ? {} : { result: String(result) }),
      ...(refused ? { refused } : {}),
    };
    kept.set(JSON.stringify(edge), edge);
  }
  return checked({
    name: `${system.name}: ${view.name}`,
    initial: boxes[0]?.id ?? '',
    nodes: [...nodes.values()],
    edges: [...kept.values()],
  });
}
