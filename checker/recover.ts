import type { Search } from './search.ts';

/**
 * The first state, in order of discovery, from which no state of the goal can be reached; `undefined` where there is
 * none. Keeps one bit a state and no edges: states are expanded again, sweep by sweep, until nothing changes. Most
 * states have a way back towards the initial one, so that sweeping forwards settles them at once; the sweeps
 * backwards are for the rest.
 *
 * @param ordinal which recoverable property, as in the nodes' `offGoal`
 * @param pause called now and then; throws to stop
 */
export async function firstTrap(
  search: Search,
  ordinal: number,
  pause: () => Promise<void>,
): Promise<number | undefined> {
  const { arena, visited } = search;
  const expander = search.expander();
  const good = new Uint8Array(Math.ceil(visited.positions / 8));
  let left = arena.length;
  for (let sweep = 0; left > 0; sweep++) {
    const before = left;
    for (let turn = 0; turn < arena.length; turn++) {
      if (turn % 4096 === 0) await pause();
      const index = sweep % 2 === 0 ? turn : arena.length - 1 - turn;
      const position = visited.find(arena.chunk(index), arena.offset(index));
      const bit = 1 << (position & 7);
      const byte = good[position >>> 3] as number;
      if ((byte & bit) !== 0 || !expander.reaches(index, ordinal, good)) continue;
      good[position >>> 3] = byte | bit;
      left--;
    }
    if (left === before) break;
  }
  if (left === 0) return undefined;
  for (let index = 0; ; index++) {
    const position = visited.find(arena.chunk(index), arena.offset(index));
    if (((good[position >>> 3] as number) & (1 << (position & 7))) === 0) return index;
  }
}
