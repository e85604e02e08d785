import {
  enumerate,
  type Instance,
  type Read,
  type Result,
  type StateGraph,
  type Step,
  type System,
  type Value,
} from '../../checker/index.ts';

/** The verdicts of a system by the plainest means: every state and edge in objects, sets of indices, no shortcuts. */
export interface PlainVerdicts {
  readonly states: number;
  readonly transitions: number;
  readonly refused: number;
  readonly perLevel: readonly number[];
  /** Steps in the shortest path that shows it, by property name, `twin` and `deadlock`. */
  readonly shortest: ReadonlyMap<string, number>;
  readonly results: ReadonlyMap<string, number>;
}

export function plainCheck(system: System, limit = 100_000): PlainVerdicts {
  const graph = enumerate(system, limit);
  const level = levelsOf(graph);
  const shortest = new Map<string, number>();
  const note = (name: string, steps: number): void =>
    void shortest.set(name, Math.min(steps, shortest.get(name) ?? Infinity));
  const holds = (instance: Instance, state: readonly Value[]): boolean =>
    isTrue(instance.holds(readOf(graph, state)));
  const out = outgoing(graph);

  for (const property of system.properties) {
    if (property.kind === 'step') continue;
    const all = graph.states.map(state => property.instances.every(instance => holds(instance, state)));
    const some = graph.states.map(state => property.instances.some(instance => holds(instance, state)));
    const recovers = property.kind === 'recoverable' ? backwards(graph, all) : all;
    graph.states.forEach((_, at) => {
      const isNews = property.kind === 'sometimes' ? some[at] : !recovers[at];
      if (isNews === true) note(property.name, level[at] ?? 0);
    });
  }
  for (const { from, to, action, result } of graph.edges) {
    const before = graph.states[from] ?? [];
    const after = graph.states[to] ?? [];
    const changed = graph.slots.filter((_, at) => before[at] !== after[at]);
    const step: Step = {
      action,
      result,
      before: readOf(graph, before),
      after: readOf(graph, after),
      changed,
    };
    for (const property of system.properties)
      if (property.kind === 'step' && !isTrue(property.holds(step)))
        note(property.name, (level[from] ?? 0) + 1);
    if (system.twin?.disagrees(step) !== undefined) note('twin', (level[from] ?? 0) + 1);
  }
  graph.states.forEach((_, at) => {
    const edges = out[at] ?? [];
    if (system.deadlock === 'stuck' && edges.length === 0) note('deadlock', level[at] ?? 0);
    if (system.deadlock === 'stutter' && edges.every(to => to === at)) note('deadlock', level[at] ?? 0);
  });
  return {
    states: graph.states.length,
    transitions: graph.edges.length,
    refused: graph.edges.filter(({ result }) => typeof result === 'number' && result < 0).length,
    perLevel: [...countBy(level.map(String)).values()],
    shortest,
    results: countBy(graph.edges.map(({ action, result }) => keyOf(action.name, result))),
  };
}

export const keyOf = (action: string, result: Result): string => `${action} -> ${result}`;

const isTrue = (verdict: boolean | { readonly holds: boolean }): boolean =>
  typeof verdict === 'boolean' ? verdict : verdict.holds;

const readOf = ({ slots }: StateGraph, state: readonly Value[]): Read =>
  ((slot: (typeof slots)[number], lens?: (value: Value) => Value) => {
    const value = state[slots.indexOf(slot)] as Value;
    return lens === undefined ? value : lens(value);
  }) as Read;

/** States come in the order of discovery, so that the first edge into one is from its parent. */
function levelsOf({ states, edges }: StateGraph): readonly number[] {
  const level = states.map((_, at) => (at === 0 ? 0 : Infinity));
  for (const { from, to } of edges) level[to] = Math.min(level[to] ?? 0, (level[from] ?? 0) + 1);
  return level;
}

function outgoing({ states, edges }: StateGraph): readonly (readonly number[])[] {
  const out: number[][] = states.map(() => []);
  for (const { from, to } of edges) out[from]?.push(to);
  return out;
}

/** The states from which a state of the goal can be reached. */
function backwards({ edges }: StateGraph, goal: readonly boolean[]): readonly boolean[] {
  const good = [...goal];
  for (let changed = true; changed;) {
    changed = false;
    for (const { from, to } of edges)
      if (good[to] === true && good[from] !== true) changed = good[from] = true;
  }
  return good;
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
