import type { AnyEventObject, AnyStateMachine, AnyStateNode } from 'xstate';
import { arrowOf, initialState, type MachineState } from '../machines/index.ts';
import {
  checked,
  type GraphEdge,
  type GraphNode,
  type LabelledGraph,
  type Tone,
} from './labelled-graph.ts';

/** How a machine's boxes look; what a machine itself does not say. */
export interface MachineLook {
  /** The lines in the box of a state; its key with spaces for underscores where left out. */
  label?(state: string): string;
  readonly tones?: Readonly<Record<string, Tone>>;
  /** How an event is written; its type where left out. */
  event?(event: AnyEventObject): string;
}

/** A state's name: its path below the machine, joined with dots. */
const stateName = (node: AnyStateNode): string => node.path.join('.');

/** The states that a machine can rest in, in the order in which it declares them. */
function atomicStates(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(atomicStates);
}

/** The state that entering `node` ends in. */
function enteredState(node: AnyStateNode): AnyStateNode {
  if (node.type === 'parallel') {
    throw new RangeError(
      `${node.machine.id}: ${stateName(node)} is parallel; draw its state space instead`,
    );
  }
  const [first] = node.type === 'compound' ? (node.initial.target ?? []) : [];
  return first === undefined ? node : enteredState(first);
}

/** The guard's name, as the machine's source writes it; composed guards keep their words. */
function guardName(guard: unknown): string | undefined {
  if (guard === undefined || guard === null) return undefined;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && 'type' in guard) return String(guard.type);
  if (typeof guard !== 'function') return undefined;
  const inner = 'guards' in guard && Array.isArray(guard.guards) ? guard.guards.map(guardName) : [];
  if ('check' in guard && inner.length > 0) return `${guard.name || 'all of'} ${inner.join(', ')}`;
  return guard.name === '' ? 'a condition' : guard.name;
}

/** What one list of alternatives says, in order: behind guarded ones an unguarded one is the `else`. */
function edgesOf(from: string, alternatives: AnyStateNode['always']): GraphEdge[] {
  return (alternatives ?? []).map((declared, at) => {
    const guard = guardName(declared.guard) ?? (at > 0 ? 'else' : undefined);
    const target = declared.target?.[0];
    return {
      from,
      to: target === undefined ? from : stateName(enteredState(target)),
      event: declared.eventType === '' ? 'always' : declared.eventType,
      ...(guard === undefined ? {} : { guard }),
    };
  });
}

/**
 * The transitions that hold in a state: its own, and of the states around it those that an unguarded one of its own
 * does not hide.
 */
function transitionsOf(state: AnyStateNode): GraphEdge[] {
  const edges: GraphEdge[] = [];
  const decided = new Set<string>();
  for (let node: AnyStateNode | undefined = state; node !== undefined; node = node.parent) {
    const lists = [...node.transitions.values(), node.always ?? []];
    const here = lists.flatMap(list => edgesOf(stateName(state), list));
    edges.push(...here.filter(({ event }) => !decided.has(event)));
    for (const { event, guard } of here) if (guard === undefined || guard === 'else') decided.add(event);
  }
  return edges;
}

/**
 * The statechart that a machine's configuration draws: every state it can rest in, every transition with its guard.
 * Nothing is run, so a machine whose behaviour lies in its context draws as few boxes: see `fromMachineStates`.
 */
export function fromMachine(machine: AnyStateMachine, look: MachineLook = {}): LabelledGraph {
  const nodes = atomicStates(machine.root).map(node => nodeOf(stateName(node), look, node));
  const edges = atomicStates(machine.root).flatMap(transitionsOf);
  return checked({ name: machine.id, initial: stateName(enteredState(machine.root)), nodes, edges });
}

function nodeOf(name: string, look: MachineLook, node?: AnyStateNode): GraphNode {
  const tone = look.tones?.[name];
  const about = node?.description;
  return {
    id: name,
    label: look.label?.(name) ?? name.replaceAll('_', ' '),
    ...(tone === undefined ? {} : { tone }),
    ...(about === undefined ? {} : { about }),
    ...(node?.type === 'final' ? { final: true } : {}),
  };
}

/** A state value as a name: its keys joined with dots, parallel regions with a plus. */
export const stateValueName = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value ?? {})
        .map(([key, inner]) => [key, stateValueName(inner)].filter(part => part !== '').join('.'))
        .join('+');

/** A state that a run found. */
interface FoundState {
  readonly id: string;
  readonly name: string;
  readonly state: MachineState;
  readonly isFinal: boolean;
}

/** The states that a run found, told apart by name and context: the first of a name is called just that. */
class Found {
  readonly all: FoundState[] = [];
  readonly #ids = new Map<string, string>();
  readonly #machine: string;
  readonly #limit: number;

  constructor(machine: string, limit: number) {
    this.#machine = machine;
    this.#limit = limit;
  }

  idOf(state: MachineState, isFinal: boolean): string {
    const name = stateValueName(state.value);
    const key = JSON.stringify([name, state.context]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const count = this.all.filter(other => other.name === name).length;
    const id = count === 0 ? name : `${name} (${count + 1})`;
    if (this.all.length >= this.#limit)
      throw new RangeError(`${this.#machine} has more than ${this.#limit} states`);
    this.#ids.set(key, id);
    this.all.push({ id, name, state, isFinal });
    return id;
  }
}

/**
 * The state space of a machine, run with every one of `events` in every state it reaches: guards decide, and an event
 * that the state does not take is a refused call, not a step. A context must be plain JSON: it tells states apart.
 *
 * @throws RangeError when the machine has more than `limit` states.
 */
export function fromMachineRun(
  machine: AnyStateMachine,
  events: readonly AnyEventObject[],
  look: MachineLook = {},
  { input, limit = 1000 }: { readonly input?: unknown; readonly limit?: number } = {},
): LabelledGraph {
  const arrow = arrowOf(machine);
  const found = new Found(machine.id, limit);
  const first = initialState(machine, input);
  const initial = found.idOf(first.state, first.isFinal);
  const edges: GraphEdge[] = [];
  for (const { id: from, state } of found.all) {
    for (const event of events) {
      const label = look.event?.(event) ?? event.type;
      const taken = arrow(state, event);
      if ('refused' in taken) edges.push({ from, to: from, event: label, refused: true });
      else edges.push({ from, to: found.idOf(taken.to, taken.isFinal), event: label });
    }
  }
  const nodes = found.all.map(({ id, name, isFinal }): GraphNode => {
    return { ...nodeOf(name, look), id, ...(isFinal ? { final: true } : {}) };
  });
  return checked({ name: machine.id, initial, nodes, edges });
}
