import { identifiers } from './identifiers.ts';
import { checked, type GraphEdge, type LabelledGraph } from './labelled-graph.ts';

interface TransitionJson {
  readonly target?: string;
  readonly guard?: string;
  readonly meta?: { readonly result?: string; readonly refused?: boolean };
}

function transitionOf(edge: GraphEdge, name: (id: string) => string): TransitionJson {
  const meta = {
    ...(edge.result === undefined ? {} : { result: edge.result }),
    ...(edge.refused === true ? { refused: true } : {}),
  };
  return {
    ...(edge.from === edge.to ? {} : { target: name(edge.to) }),
    ...(edge.guard === undefined ? {} : { guard: edge.guard }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
}

/**
 * An xstate machine configuration as JSON: `createMachine` takes it, and so do Stately's editor and visualiser. Guards
 * are names. A transition that stays where it is has no target, and a box that calls leave is never `final`.
 */
export function toXstateJson(source: LabelledGraph): string {
  const graph = checked(source);
  const name = identifiers(graph);
  const states = graph.nodes.map(node => {
    const on: Record<string, TransitionJson[]> = {};
    for (const edge of graph.edges.filter(({ from }) => from === node.id)) {
      (on[edge.event] ??= []).push(transitionOf(edge, name));
    }
    const description = node.about === undefined ? node.label : `${node.label}\n${node.about}`;
    const isFinal = node.final === true && Object.keys(on).length === 0;
    return [
      name(node.id),
      {
        description,
        ...(isFinal ? { type: 'final' } : {}),
        ...(Object.keys(on).length === 0 ? {} : { on }),
      },
    ] as const;
  });
  const config = { id: graph.name, initial: name(graph.initial), states: Object.fromEntries(states) };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
