import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { type DotOptions, toDot } from './dot.ts';
import type { LabelledGraph } from './labelled-graph.ts';

/**
 * Above this many nodes a picture is no longer read, and Graphviz' `dot` takes minutes (200 nodes: half a second,
 * 500: most of a minute).
 */
export const readableNodes = 150;

/** An SVG picture, laid out by Graphviz in WebAssembly: nothing to install, the same in a page. */
export async function toSvg(graph: LabelledGraph, options: DotOptions = {}): Promise<string> {
  const graphviz = await Graphviz.load();
  const engine = graph.nodes.length > readableNodes ? 'sfdp' : 'dot';
  return graphviz.layout(toDot(graph, options), 'svg', engine);
}
