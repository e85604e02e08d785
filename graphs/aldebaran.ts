import { checked, edgeLabel, type LabelledGraph } from './labelled-graph.ts';

/**
 * Aldebaran `.aut`, which mCRL2 (`ltscompare`, `ltsconvert`) and CADP read: `des (initial, transitions, states)`, then
 * one `(from,"label",to)` a line. States are numbered in the graph's order; a label holds neither a double quote nor a
 * line end.
 */
export function toAldebaran(source: LabelledGraph): string {
  const graph = checked(source);
  const number = new Map(graph.nodes.map(({ id }, at) => [id, at]));
  const at = (id: string): number => number.get(id) ?? 0;
  const label = (text: string): string => text.replaceAll('"', "'").replaceAll('\n', ' ');
  const lines = [
    `des (${at(graph.initial)},${graph.edges.length},${graph.nodes.length})`,
    ...graph.edges.map(edge => `(${at(edge.from)},"${label(edgeLabel(edge))}",${at(edge.to)})`),
  ];
  return `${lines.join('\n')}\n`;
}
