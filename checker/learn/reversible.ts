import type { Move, Node } from './forest.ts';
import type { Part } from './groups.ts';

/**
 * Whether wherever this move is made another one takes it back. Proven by what the move's call has looked at alone: in
 * every state that it leads to, those parts hold what they held, but for what it wrote; whatever the forest decides by
 * those parts is so in all of these states. False where that does not say it.
 */
export function canBeTakenBack(root: Node, node: Node, { writes }: Move): boolean {
  const after = seenAt(node);
  for (const { part, to } of writes) after.set(part, to);
  const undoes = (other: Move): boolean =>
    other.writes.length === writes.length &&
    writes.every(({ part, from, to }) =>
      other.writes.some(back => back.part === part && back.from === to && back.to === from),
    );
  const path = [root];
  for (const { moves, branches } of path) {
    if (moves.some(undoes)) return true;
    for (const { look, children } of branches) {
      const code = after.get(look.part);
      const child = code === undefined ? undefined : children.get(look.sees(code));
      if (child !== undefined) path.push(child);
    }
  }
  return false;
}

/** The codes of the parts that were looked at as a whole on the way to a node. */
function seenAt(node: Node): Map<Part, number> {
  const seen = new Map<Part, number>();
  for (let { parent } = node; parent !== undefined; { parent } = parent.node) {
    const { look } = parent.branch;
    if (look.lens === undefined && typeof parent.sees === 'number') seen.set(look.part, parent.sees);
  }
  return seen;
}
