import type { Forest } from '../learn/forest.ts';
import type { ActionCoverage } from '../system/exploration.ts';
import { isRefusal } from '../system/plain.ts';
import type { Result, System } from '../system/system.ts';

export interface Coverage {
  readonly actions: readonly ActionCoverage[];
  readonly transitions: number;
  readonly refused: number;
  /** Calls that the real code had to decide: distinct by the answers to their probes. */
  readonly distinctSteps: number;
}

interface Tally {
  readonly results: Map<Result, { transitions: number; firstDepth: number }>;
  newStates: number;
}

/**
 * How often each operation ended how. Exact, and free: the search counts how many states came by each node, and a
 * node knows which calls are decided there. `firstDepth` is the length of the shortest path that ends with such a call.
 */
export function coverageOf(system: System, { nodes }: Forest): Coverage {
  const tallies = new Map<string, Tally>(
    system.actions.map(({ name }) => [name, { results: new Map(), newStates: 0 }]),
  );
  let transitions = 0;
  let refused = 0;
  let distinctSteps = 0;
  for (const { finished, moves, visits, level } of nodes) {
    distinctSteps += finished.length;
    transitions += visits * finished.length;
    for (const { action, result } of finished) {
      if (isRefusal(system, result)) refused += visits;
      const { results } = tallies.get(action.name) as Tally;
      const known = results.get(result) ?? { transitions: 0, firstDepth: Infinity };
      known.transitions += visits;
      known.firstDepth = Math.min(known.firstDepth, level + 1);
      results.set(result, known);
    }
    for (const { calls, fresh } of moves) {
      const first = calls[0];
      if (first !== undefined) (tallies.get(first.action.name) as Tally).newStates += fresh;
    }
  }
  return {
    actions: [...tallies].map(([name, { results, newStates }]) => ({
      name,
      results: inOrder(results),
      newStates,
    })),
    transitions,
    refused,
    distinctSteps,
  };
}

/** Numbers by size, the largest first, so that success comes before errnos; then words. */
function inOrder<V>(results: ReadonlyMap<Result, V>): ReadonlyMap<Result, V> {
  return new Map(
    [...results].sort(([one], [other]) =>
      typeof one === 'number' && typeof other === 'number'
        ? other - one
        : String(one) < String(other)
          ? -1
          : 1,
    ),
  );
}
