import { identifiers } from './identifiers.ts';
import { bundled, checked, edgeLabel, type LabelledGraph } from './labelled-graph.ts';
import { ink, palette, tonesOf } from './palette.ts';

/** Text as Mermaid takes it in a label: what would end the label becomes an entity, a line end a `<br>`. */
export const mermaidText = (text: string): string =>
  text.replaceAll(/[#;:"<>{}&]/g, character => `#${character.charCodeAt(0)};`).replaceAll('\n', '<br>');

/**
 * A Mermaid state diagram: what a README, an issue and most editors draw. Edges between the same two nodes are one
 * arrow; the colours are classes named after their tone, since Mermaid has no legend.
 */
export function toMermaid(source: LabelledGraph): string {
  const graph = bundled(checked(source));
  const name = identifiers(graph);
  const tones = tonesOf(graph);
  const lines = [
    'stateDiagram-v2',
    '  direction LR', // labels of neighbouring arrows stand above each other instead of side by side
    ...graph.nodes.map(node => `  ${name(node.id)} : ${mermaidText(node.label)}`),
    `  [*] --> ${name(graph.initial)}`,
    ...graph.edges.map(edge => {
      const label = `${edge.refused === true ? '✗ ' : ''}${edgeLabel(edge)}`;
      return `  ${name(edge.from)} --> ${name(edge.to)} : ${mermaidText(label)}`;
    }),
    ...graph.nodes.filter(({ final }) => final === true).map(node => `  ${name(node.id)} --> [*]`),
    ...tones.map(tone => {
      const { fill, line } = palette[tone];
      return `  classDef ${tone} fill:${fill},stroke:${line},color:${ink}`;
    }),
    ...tones.map(tone => {
      const members = graph.nodes.filter(node => node.tone === tone);
      return `  class ${members.map(node => name(node.id)).join(',')} ${tone}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
