import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decision, enumerate, learnRelations, type System } from '../../checker/index.ts';
import { readerOf } from '../../graphs/from-states.ts';
import { randomSystem, recipe } from './random-system.ts';
import { counters, diningPhilosophers, towersOfHanoi } from './toys.ts';

const seed = 20_260_922;

/** What a decision says of a state; throws where what the state holds was never seen. */
function decide<T>(decision: Decision<T>, state: readonly number[]): T {
  if (decision.kind === 'decided') return decision.as;
  const { slots, branches } = decision;
  const fits = branches.filter(({ seen }) =>
    seen.some(tuple => tuple.every((c, at) => c === state[slots[at] ?? -1])),
  );
  expect(fits).toHaveLength(1);
  const [branch] = fits;
  if (branch === undefined) throw new Error('never seen');
  return decide(branch.then, state);
}

/** Walks the state space with nothing but the relations and holds it against plain enumeration, edge by edge. */
async function expectSameGraph(system: System, limit: number): Promise<number> {
  const { values, steps, members, found } = await learnRelations(system, { maxStates: limit });
  fc.pre(found.bound === undefined);
  const graph = enumerate(system, limit);
  const codesOf = graph.states.map(state => state.map((value, at) => values[at]?.indexOf(value) ?? -1));
  const edges = graph.states.map(() => new Map<unknown, { to: number; result: unknown }>());
  for (const { from, to, action, result } of graph.edges) edges[from]?.set(action, { to, result });
  for (const [index, codes] of codesOf.entries()) {
    for (const { action, decision } of steps) {
      const { result, writes } = decide(decision, codes);
      const edge = edges[index]?.get(action);
      expect(result).toBe(edge?.result);
      const next = [...codes];
      for (const { slot, code } of writes) next[slot] = code;
      expect(next).toEqual(codesOf[edge?.to ?? index]);
    }
    const read = readerOf(graph.slots, graph.states[index] ?? []);
    for (const { instance, decision } of members) {
      const verdict = instance.holds(read);
      expect(decide(decision, codes)).toBe(typeof verdict === 'boolean' ? verdict : verdict.holds);
    }
  }
  return graph.states.length;
}

test.each([diningPhilosophers(4), towersOfHanoi(3), counters(3, 4, 2)])(
  'the relations learned of $name say what every call does in every state',
  async system => {
    expect(await expectSameGraph(system, 1000)).toBeGreaterThan(20);
  },
);

test(`the relations learned of random systems are complete and exact (seed ${seed})`, async () => {
  let largest = 0;
  const check = async (made: Parameters<typeof randomSystem>[0]): Promise<void> => {
    largest = Math.max(largest, await expectSameGraph(randomSystem(made), 120));
  };
  await fc.assert(fc.asyncProperty(recipe, check), { seed, numRuns: 150 });
  expect(largest).toBeGreaterThan(50);
});
