import type { LabelledGraph } from './labelled-graph.ts';

/**
 * A name for everything that any format takes: letters, digits and underscores, as close to the thing's own id as
 * that allows, and unique.
 */
export function uniqueIdentifiers(
  ids: readonly string[],
  reserved: readonly string[],
): (id: string) => string {
  const taken = new Set(reserved);
  const names = new Map<string, string>();
  for (const id of ids) {
    const plain = id.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[^A-Za-z])/, 's');
    let name = plain;
    for (let count = 2; taken.has(name); count++) name = `${plain}_${count}`;
    taken.add(name);
    names.set(id, name);
  }
  return id => {
    const name = names.get(id);
    if (name === undefined) throw new RangeError(`there is no ${id}`);
    return name;
  };
}

/** Names for the nodes of a graph. Mermaid keeps some words for itself. */
export const identifiers = ({ nodes }: LabelledGraph): ((id: string) => string) =>
  uniqueIdentifiers(
    nodes.map(({ id }) => id),
    ['end', 'state', 'class', 'note'],
  );
