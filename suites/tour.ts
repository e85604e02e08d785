/** A graph to be walked: nodes by number, edges by their place in the list. */
export interface TourGraph {
  readonly start: number;
  readonly nodes: number;
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

/** Walks from the start, each a list of edges, that together take every wanted edge. */
export interface Tour {
  readonly walks: readonly (readonly number[])[];
  /** Wanted edges that no walk reaches. */
  readonly unreached: readonly number[];
}

/**
 * Takes every wanted edge: at each node first those that are wanted there, then by the shortest way to the nearest
 * node that has one left. A walk that has grown to `longest` ends, and the next begins at the start again.
 */
export function tourOf(graph: TourGraph, wanted: ReadonlySet<number>, longest: number): Tour {
  const outgoing = Array.from({ length: graph.nodes }, (): number[] => []);
  for (const [edge, { from }] of graph.edges.entries()) outgoing[from]?.push(edge);
  const open = outgoing.map(edges => edges.filter(edge => wanted.has(edge)).reverse());
  const left = new Set(wanted);
  const walks: number[][] = [];
  for (let walk: number[] = [], at = graph.start; ;) {
    const next = takeOpen(open, at, left);
    const way = next === undefined ? wayToOpen(graph, outgoing, open, at) : [next];
    const isOver = walk.length >= longest || (way === undefined && walk.length > 0);
    if (!isOver && way === undefined) break;
    if (isOver) {
      if (next !== undefined) giveBack(open, at, left, next);
      walks.push(walk);
      [walk, at] = [[], graph.start];
      continue;
    }
    for (const edge of way ?? []) {
      walk.push(edge);
      left.delete(edge);
      at = graph.edges[edge]?.to ?? at;
    }
  }
  return { walks, unreached: [...left] };
}

function takeOpen(open: readonly number[][], at: number, left: ReadonlySet<number>): number | undefined {
  const here = open[at] ?? [];
  for (let edge = here.pop(); edge !== undefined; edge = here.pop()) if (left.has(edge)) return edge;
  return undefined;
}

function giveBack(open: readonly number[][], at: number, left: Set<number>, edge: number): void {
  open[at]?.push(edge);
  left.add(edge);
}

/** The shortest way to a node where something is left; `undefined` where there is none. */
function wayToOpen(
  graph: TourGraph,
  outgoing: readonly (readonly number[])[],
  open: readonly number[][],
  at: number,
): readonly number[] | undefined {
  const cameBy = new Map<number, number>();
  const queue = [at];
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] ?? at;
    if ((open[node] ?? []).length > 0) return wayBack(graph, cameBy, at, node);
    for (const edge of outgoing[node] ?? []) {
      const to = graph.edges[edge]?.to ?? at;
      if (to === at || cameBy.has(to)) continue;
      cameBy.set(to, edge);
      queue.push(to);
    }
  }
  return undefined;
}

function wayBack(
  graph: TourGraph,
  cameBy: ReadonlyMap<number, number>,
  at: number,
  goal: number,
): readonly number[] | undefined {
  const way: number[] = [];
  for (let node = goal; node !== at;) {
    const edge = cameBy.get(node);
    if (edge === undefined) return undefined;
    way.push(edge);
    node = graph.edges[edge]?.from ?? at;
  }
  return way.reverse();
}
