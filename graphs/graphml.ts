import { checked, edgeLabel, type LabelledGraph } from './labelled-graph.ts';

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');

const datum = (key: string, value: string | boolean | undefined): string =>
  value === undefined ? '' : `<data key="${key}">${escaped(String(value))}</data>`;

const keys = [
  ['label', 'node', 'string'],
  ['tone', 'node', 'string'],
  ['about', 'node', 'string'],
  ['initial', 'node', 'boolean'],
  ['call', 'edge', 'string'],
  ['event', 'edge', 'string'],
  ['guard', 'edge', 'string'],
  ['result', 'edge', 'string'],
  ['refused', 'edge', 'boolean'],
] as const;

/**
 * GraphML, read by Gephi, yEd, NetworkX and igraph. Every edge is kept, parallel ones too. No key is `for="all"`:
 * some readers know keys of nodes and of edges only.
 */
export function toGraphml(source: LabelledGraph): string {
  const graph = checked(source);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...keys.map(
      ([name, target, type]) =>
        `  <key id="${name}" for="${target}" attr.name="${name}" attr.type="${type}"/>`,
    ),
    `  <graph id="${escaped(graph.name)}" edgedefault="directed">`,
    ...graph.nodes.map(
      node =>
        `    <node id="${escaped(node.id)}">${datum('label', node.label)}${datum('tone', node.tone)}${datum('about', node.about)}${datum('initial', node.id === graph.initial)}</node>`,
    ),
    ...graph.edges.map(
      (edge, at) =>
        `    <edge id="e${at}" source="${escaped(edge.from)}" target="${escaped(edge.to)}">${datum('call', edgeLabel(edge))}${datum('event', edge.event)}${datum('guard', edge.guard)}${datum('result', edge.result)}${datum('refused', edge.refused === true)}</edge>`,
    ),
    '  </graph>',
    '</graphml>',
  ];
  return `${lines.join('\n')}\n`;
}
