import { z } from 'zod';
import { checked, type LabelledGraph } from './labelled-graph.ts';

const node = z.strictObject({
  id: z.string(),
  label: z.string(),
  tone: z
    .enum(['host', 'hypervisor', 'guest', 'shared', 'mixed', 'allowed', 'exit', 'fault'])
    .exactOptional(),
  about: z.string().exactOptional(),
  final: z.boolean().exactOptional(),
});

const edge = z.strictObject({
  from: z.string(),
  to: z.string(),
  event: z.string(),
  guard: z.string().exactOptional(),
  result: z.string().exactOptional(),
  refused: z.boolean().exactOptional(),
});

/** The shape of our own JSON: what `toJson` writes and `fromJson` takes. */
const graphJson = z.strictObject({
  format: z.literal('pagewarden graph 1'),
  name: z.string(),
  initial: z.string(),
  nodes: z.array(node),
  edges: z.array(edge),
});

/** The graph as plain JSON, a node and an edge a line. */
export function toJson(source: LabelledGraph): string {
  const { name, initial, nodes, edges } = checked(source);
  const rows = (items: readonly unknown[]): string =>
    items.length === 0 ? '[]' : `[\n${items.map(item => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
  const head = `  "format": "pagewarden graph 1",\n  "name": ${JSON.stringify(name)},\n  "initial": ${JSON.stringify(initial)},`;
  return `{\n${head}\n  "nodes": ${rows(nodes)},\n  "edges": ${rows(edges)}\n}\n`;
}

/**
 * The graph that `toJson` wrote.
 *
 * @throws z.ZodError for JSON of another shape, RangeError for edges that name no node.
 */
export function fromJson(json: unknown): LabelledGraph {
  const { name, initial, nodes, edges } = graphJson.parse(json);
  return checked({ name, initial, nodes, edges });
}
