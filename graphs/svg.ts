import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { type DotOptions, toDot } from './dot.ts';
import type { LabelledGraph } from './labelled-graph.ts';
import { textWidth } from './text-width.ts';

/**
 * Above this many nodes a picture is no longer read, and Graphviz' `dot` takes minutes (200 nodes: half a second,
 * 500: most of a minute).
 */
export const readableNodes = 150;

const decoded = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

/** Every text as wide as it was laid out, whatever font a machine has: it leaves no box and is not cut. */
const fitted = (svg: string): string =>
  svg.replace(
    /<text ([^>]*font-size="([\d.]+)"[^>]*)>([^<]+)<\/text>/g,
    (_, attributes: string, size: string, text: string) => {
      const width = textWidth(decoded(text), Number(size)).toFixed(1);
      return `<text ${attributes} textLength="${width}" lengthAdjust="spacingAndGlyphs">${text}</text>`;
    },
  );

/** An SVG picture, laid out by Graphviz in WebAssembly: nothing to install, the same in a page. */
export async function toSvg(graph: LabelledGraph, options: DotOptions = {}): Promise<string> {
  const graphviz = await Graphviz.load();
  const engine = graph.nodes.length > readableNodes ? 'sfdp' : 'dot';
  return fitted(graphviz.layout(toDot(graph, options), 'svg', engine));
}
