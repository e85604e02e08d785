import type { Tone } from '../machines/index.ts';

/**
 * What every picture and every export is made from: named nodes, labelled edges, one initial node. Where it came
 * from (a machine, a state space, a quotient) no writer needs to know.
 */

export type { Tone };

export interface GraphNode {
  /** Unique in its graph. */
  readonly id: string;
  /** What a person reads in the box; lines are separated by `\n`. */
  readonly label: string;
  readonly tone?: Tone;
  /** More about it for a tool or a tooltip: a sentence, or the values of its slots. */
  readonly about?: string;
  /** No call leads on from here: an outcome. */
  readonly final?: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The call or event with what distinguishes it: `host_share_guest`, `host_share_guest(page 0, vm 2)`. */
  readonly event: string;
  readonly guard?: string;
  /** What the call returned, where the graph's transitions have results. */
  readonly result?: string;
  /** A call that is refused: drawn dashed, and left out unless asked for. */
  readonly refused?: boolean;
}

export interface LabelledGraph {
  readonly name: string;
  readonly initial: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** An edge as statecharts write it: `event [guard] / result`. */
export const edgeLabel = ({ event, guard, result }: GraphEdge): string =>
  [event, guard === undefined ? '' : ` [${guard}]`, result === undefined ? '' : ` / ${result}`].join('');

/**
 * The graph, after a look that it is one.
 *
 * @throws RangeError for a node declared twice, or an edge or initial node that names none.
 */
export function checked(graph: LabelledGraph): LabelledGraph {
  const ids = new Set<string>();
  for (const { id } of graph.nodes) {
    if (ids.has(id)) throw new RangeError(`${graph.name}: node ${id} is declared twice`);
    ids.add(id);
  }
  const named = [graph.initial, ...graph.edges.flatMap(({ from, to }) => [from, to])];
  for (const id of named) if (!ids.has(id)) throw new RangeError(`${graph.name}: there is no node ${id}`);
  return graph;
}

/** The graph without its refused calls: what legal calls do. */
export const withoutRefused = (graph: LabelledGraph): LabelledGraph => ({
  ...graph,
  edges: graph.edges.filter(({ refused }) => refused !== true),
});

/**
 * The graph as a picture wants it: edges that join the same two nodes become one, their labels on lines of their
 * own. At most `lines` labels are shown; the rest are counted.
 */
export function bundled(graph: LabelledGraph, lines = 6): LabelledGraph {
  const bundles = new Map<string, { readonly first: GraphEdge; readonly labels: Set<string> }>();
  for (const edge of graph.edges) {
    const key = JSON.stringify([edge.from, edge.to, edge.refused === true]);
    const bundle = bundles.get(key) ?? { first: edge, labels: new Set<string>() };
    bundle.labels.add(edgeLabel(edge));
    bundles.set(key, bundle);
  }
  const edges = [...bundles.values()].map(({ first, labels }): GraphEdge => {
    const shown = [...labels].slice(0, lines);
    const more = labels.size - shown.length;
    const { from, to, refused } = first;
    const event = [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
    return { from, to, event, ...(refused === true ? { refused } : {}) };
  });
  return { ...graph, edges };
}
