import { identifiers } from './identifiers.ts';
import { bundled, checked, edgeLabel, type GraphNode, type LabelledGraph } from './labelled-graph.ts';
import { ink, palette, tonesOf } from './palette.ts';

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A label with room on both sides, so that it touches no arrow. */
const padded = (label: string): string =>
  label
    .split('\n')
    .map(line => `  ${line}  `)
    .join('\n');

/** The legend as the graph's own label, so that it is no node and no tool counts it. */
function legend(graph: LabelledGraph): string {
  const cells = tonesOf(graph).map(tone => {
    const { fill, line, meaning } = palette[tone];
    return `<td bgcolor="${fill}" color="${line}"> ${escaped(meaning)} </td>`;
  });
  const refused = graph.edges.some(edge => edge.refused === true)
    ? ['<td color="white"> dashed: a refused call </td>']
    : [];
  const row = [...cells, ...refused].join('');
  const swatches = row === '' ? '' : `<tr>${row}</tr>`;
  const title = `<tr><td color="white" colspan="${Math.max(1, cells.length + refused.length)}">${escaped(graph.name)}</td></tr>`;
  return `<<table border="0" cellborder="1" cellspacing="4" cellpadding="3">${title}${swatches}</table>>`;
}

export interface DotOptions {
  /** Drawn with a heavy border: where the reader stands. */
  readonly marked?: string;
  /** Left to right instead of top down. */
  readonly sideways?: boolean;
  /** Without title and legend, where the page around it shows them. */
  readonly bare?: boolean;
}

function nodeLine(node: GraphNode, name: (id: string) => string, options: DotOptions): string {
  const swatch = node.tone === undefined ? { fill: '#ffffff', line: '#8a857d' } : palette[node.tone];
  const classes = [
    'node-box',
    `tone-${node.tone ?? 'plain'}`,
    ...(node.id === options.marked ? ['here'] : []),
  ];
  const attributes = [
    `label=${quoted(node.label)}`,
    `fillcolor="${swatch.fill}"`,
    `color="${swatch.line}"`,
    `class="${classes.join(' ')}"`,
    ...(node.about === undefined ? [] : [`tooltip=${quoted(node.about)}`]),
    ...(node.final === true ? ['peripheries=2'] : []),
    ...(node.id === options.marked ? ['penwidth=3'] : []),
  ];
  return `  ${name(node.id)} [${attributes.join(', ')}];`;
}

/** Graphviz DOT. Edges between the same two nodes are one arrow with a label a line. */
export function toDot(source: LabelledGraph, options: DotOptions = {}): string {
  const graph = bundled(checked(source));
  const name = identifiers(graph);
  // the one name alone: of a list of fonts Graphviz knows no widths, and takes those of Times
  const font = 'fontname="Helvetica"';
  const lines = [
    `digraph ${quoted(graph.name)} {`,
    `  graph [${font}, fontsize=11, rankdir=${options.sideways === true ? 'LR' : 'TB'}, bgcolor="transparent", nodesep=0.5, ranksep=0.6${options.bare === true ? '' : `, label=${legend(graph)}`}];`,
    `  node [${font}, fontsize=11, fontcolor="${ink}", shape=box, style="rounded,filled", margin="0.14,0.07"];`,
    `  edge [${font}, fontsize=9, color="#57606a", fontcolor="#57606a", arrowsize=0.7];`,
    ...graph.nodes.map(node => nodeLine(node, name, options)),
    ...graph.edges.map(edge => {
      const dashed = edge.refused === true ? ', style=dashed, color="#b84a4a", fontcolor="#b84a4a"' : '';
      const kind = edge.refused === true ? 'refused' : 'taken';
      return `  ${name(edge.from)} -> ${name(edge.to)} [label=${quoted(padded(edgeLabel(edge)))}, class="edge-${kind}"${dashed}];`;
    }),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}
