import type { Move, Node } from './forest.ts';
import type { Group } from './groups.ts';

/**
 * Whether another move takes this one back, in every state in which it is made. The proof uses the groups alone whose
 * codes the call has probed: after the move they hold what they held, but for what the move wrote, and so every state
 * that the move leads to comes by the forest's nodes that these codes decide. False where no such node has the move
 * back, which proves nothing.
 */
export function canBeTakenBack(root: Node, node: Node, { writes }: Move): boolean {
  const after = codesAt(node);
  for (const { group, to } of writes) after.set(group, to);
  const undoes = (other: Move): boolean =>
    other.writes.length === writes.length &&
    writes.every(({ group, from, to }) =>
      other.writes.some(back => back.group === group && back.from === to && back.to === from),
    );
  const path = [root];
  for (const { moves, branches } of path) {
    if (moves.some(undoes)) return true;
    for (const { probe, children } of branches) {
      const code = after.get(probe.group);
      const child = code === undefined ? undefined : children.get(probe.answer(code));
      if (child !== undefined) path.push(child);
    }
  }
  return false;
}

/** The codes of the groups that were probed without a lens on the way to a node. */
function codesAt(node: Node): Map<Group, number> {
  const codes = new Map<Group, number>();
  for (let { parent } = node; parent !== undefined; { parent } = parent.node) {
    const { probe } = parent.branch;
    if (probe.lens === undefined && typeof parent.answer === 'number')
      codes.set(probe.group, parent.answer);
  }
  return codes;
}
