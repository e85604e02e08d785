import { canBeTakenBack } from '../learn/reversible.ts';
import type { Search } from './search.ts';

/**
 * The first expanded state, in order of discovery, from which no expanded state of the goal can be reached; `undefined`
 * where there is none. To be asked when the expanded states are counted.
 *
 * Where every move that led to a new state can be taken back, every state leads back to the initial one: if that is of
 * the goal, there is no trap. Otherwise states are expanded again, sweep by sweep, until nothing changes, with one bit a
 * state and no edges. Most states have a way back towards the initial one, so that sweeping forwards settles them at
 * once; the sweeps backwards are for the rest.
 *
 * @param ordinal which recoverable property, as in the nodes' `offGoal`
 * @param expanded how many states are expanded
 * @param pause called now and then; throws to stop
 */
export async function firstTrap(
  search: Search,
  ordinal: number,
  expanded: number,
  pause: () => Promise<void>,
): Promise<number | undefined> {
  const { states, visited } = search;
  if (isGoal(search, 0, ordinal) && allLeadBack(search)) return undefined;
  let expander = search.expander();
  const reaches = (index: number): boolean => {
    for (;;) {
      const answer = expander.reaches(index, ordinal, good);
      if (answer !== undefined) return answer;
      expander = search.renewed(expander);
    }
  };
  const good = new Uint8Array(Math.ceil(visited.places / 8));
  let left = expanded;
  for (let sweep = 0; left > 0; sweep++) {
    const before = left;
    for (let turn = 0; turn < expanded; turn++) {
      if (turn % 4096 === 0) await pause();
      const index = sweep % 2 === 0 ? turn : expanded - 1 - turn;
      const place = visited.placeOf(states.chunk(index), states.offset(index));
      const bit = 1 << (place & 7);
      const byte = good[place >>> 3] as number;
      if ((byte & bit) !== 0 || !reaches(index)) continue;
      good[place >>> 3] = byte | bit;
      left--;
    }
    if (left === before) break;
  }
  if (left === 0) return undefined;
  for (let index = 0; ; index++) {
    const place = visited.placeOf(states.chunk(index), states.offset(index));
    if (((good[place >>> 3] as number) & (1 << (place & 7))) === 0) return index;
  }
}

function isGoal({ forest, states, groups }: Search, index: number, ordinal: number): boolean {
  const path = forest.path(states.unpack(index, new Int32Array(groups.all.length)), 0);
  return path.every(({ offGoal }) => (offGoal & (1 << ordinal)) === 0);
}

/** Whether every move by which a state was found can be taken back. */
function allLeadBack({ forest }: Search): boolean {
  const root = forest.nodes[0];
  return (
    root !== undefined &&
    forest.nodes.every(node =>
      node.moves.every(move => move.fresh === 0 || canBeTakenBack(root, node, move)),
    )
  );
}
