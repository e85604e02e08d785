import { plainSearch, type PlainStep, type Read, type System, type Value } from '../checker/index.ts';
import { readerOf } from '../graphs/from-states.ts';

/** How many states a search finds before it gives up: a second's work. */
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
  if (isWanted(readerOf(system.slots, from), from)) return [];
  const cameBy = new Map<number, PlainStep>();
  for (const step of plainSearch(system, { from, limit: searchLimit, legalOnly: true })) {
    if (!step.isNew || step.to === undefined) continue;
    cameBy.set(step.to, step);
    if (!isWanted(readerOf(system.slots, step.state), step.state)) continue;
    const path: number[] = [];
    for (let at: PlainStep | undefined = step; at !== undefined; at = cameBy.get(at.from))
      path.unshift(system.actions.indexOf(at.action));
    return path;
  }
  return undefined;
}
