import type { LabelledGraph } from './labelled-graph.ts';

/**
 * A name for every node that any format takes: letters, digits and underscores, as close to the node's own id as
 * that allows, and unique.
 */
export function identifiers(graph: LabelledGraph): (id: string) => string {
  const taken = new Set<string>(['end', 'state', 'class', 'note']); // words that Mermaid keeps for itself
  const names = new Map<string, string>();
  for (const { id } of graph.nodes) {
    const plain = id.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[^A-Za-z])/, 's');
    let name = plain;
    for (let count = 2; taken.has(name); count++) name = `${plain}_${count}`;
    taken.add(name);
    names.set(id, name);
  }
  return id => {
    const name = names.get(id);
    if (name === undefined) throw new RangeError(`${graph.name}: there is no node ${id}`);
    return name;
  };
}
