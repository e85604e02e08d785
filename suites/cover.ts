import type { Result } from '../checker/index.ts';
import type { Cover } from './suite.ts';
import { tourOf, type TourGraph } from './tour.ts';

/** At most so many states are turned into a suite. */
export const maxSuiteStates = 20_000;
/** A test is at most a little longer than this. */
const longestTest = 500;

/** A graph as far as a cover looks at it. */
interface CoveredGraph {
  readonly states: readonly unknown[];
  readonly edges: readonly { readonly from: number; readonly to: number; readonly result: Result }[];
}

/** What a cover counts, as the guarantee says it. */
export const coverNames: Readonly<Record<Cover, string>> = {
  transitions: 'transitions',
  refusals: 'refused calls',
  pairs: 'pairs of calls that change something',
};

/** Walks of transitions, by their place in the graph, that take what the cover wants. */
export function toursOfCover(
  graph: CoveredGraph,
  cover: Cover,
  isRefusal: (result: Result) => boolean,
): { readonly walks: readonly (readonly number[])[]; readonly wanted: number; readonly covered: number } {
  const { tour, wanted } = tourFor(graph, cover, isRefusal);
  const { walks, unreached } = tourOf(tour.graph, wanted, longestTest);
  return {
    walks: walks.map(walk => walk.map(tour.edgeOf)),
    wanted: wanted.size,
    covered: wanted.size - unreached.length,
  };
}

/** The graph to walk for a cover, which of its edges are wanted, and which transition each of them is. */
function tourFor(graph: CoveredGraph, cover: Cover, isRefusal: (result: Result) => boolean) {
  const all = graph.edges.map((_, edge) => edge);
  if (cover !== 'pairs') {
    const wanted = new Set(
      cover === 'refusals' ? all.filter(edge => isRefusal(graph.edges[edge]?.result ?? 0)) : all,
    );
    const plain: TourGraph = { start: 0, nodes: graph.states.length, edges: graph.edges };
    return { tour: { graph: plain, edgeOf: (edge: number) => edge }, wanted };
  }
  // A node is the transition that was just taken; an edge is the next one. The last node is the beginning.
  const changing = all.filter(edge => graph.edges[edge]?.from !== graph.edges[edge]?.to);
  const start = changing.length;
  const from = (node: number): number => (node === start ? 0 : (graph.edges[changing[node] ?? 0]?.to ?? 0));
  const byState = Array.from({ length: graph.states.length }, (): number[] => []);
  for (const [node, edge] of changing.entries()) byState[graph.edges[edge]?.from ?? 0]?.push(node);
  const edges = Array.from({ length: start + 1 }, (_, node) => node).flatMap(node =>
    (byState[from(node)] ?? []).map(to => ({ from: node, to })),
  );
  const pairs: TourGraph = { start, nodes: start + 1, edges };
  const wanted = new Set([...edges.keys()].filter(edge => edges[edge]?.from !== start));
  return { tour: { graph: pairs, edgeOf: (edge: number) => changing[edges[edge]?.to ?? 0] ?? 0 }, wanted };
}
