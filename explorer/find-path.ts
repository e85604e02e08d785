import { type Read, stepFrom, type System, type Value } from '../checker/index.ts';
import { isRefusal, readerOf } from '../graphs/from-states.ts';
import { stateKey } from '../graphs/neighbourhood.ts';

/** How many states a search looks at before it gives up: a second's work. */
const searchLimit = 20_000;

/**
 * The shortest legal calls that lead from a state to one that is wanted, as the actions' numbers. `undefined` where
 * none of the nearest twenty thousand states is.
 */
export function findPath(
  system: System,
  from: readonly Value[],
  isWanted: (read: Read, state: readonly Value[]) => boolean,
): number[] | undefined {
  const queue: { readonly state: readonly Value[]; readonly path: readonly number[] }[] = [
    { state: from, path: [] },
  ];
  const seen = new Set([stateKey(from)]);
  for (const { state, path } of queue) {
    if (isWanted(readerOf(system.slots, state), state)) return [...path];
    if (queue.length > searchLimit) return undefined;
    for (const [index, action] of system.actions.entries()) {
      const next = stepFrom(system, state, action);
      if (next === undefined || isRefusal(system, next.result)) continue;
      const key = stateKey(next.state);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ state: next.state, path: [...path, index] });
    }
  }
  return undefined;
}
