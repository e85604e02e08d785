import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Exploration, explore } from '../../checker/index.ts';
import { expectAgreement } from './agreement.ts';
import { randomSystem, recipe } from './random-system.ts';
import { counters, diningPhilosophers, farApart, lamps, staircase, towersOfHanoi } from './toys.ts';

const seed = 20_260_921;

test.each([
  diningPhilosophers(4),
  diningPhilosophers(5),
  towersOfHanoi(5),
  counters(4, 5, 2),
  lamps(6, -1),
  lamps(6, 3),
  farApart('whole'),
  farApart('lens'),
])('the engine and plain enumeration agree on $name', async system =>
  expectAgreement(system, await explore(system)),
);

test('the engine and plain enumeration agree where most steps have nothing to do with one another', async () => {
  const system = staircase(14, 3);
  const exploration = await explore(system);
  // so many bits that looking a state up is dear, and that what has been foreseen is not looked up
  expect(exploration.encoding).toMatchObject({ bitsPerState: 57 });
  expect(exploration.states).toBe(4 + (15 * 16 * 17) / 6);
  expectAgreement(system, exploration);
  const broken = exploration.properties.filter(({ verdict }) => verdict === 'violated');
  expect(broken.length).toBeGreaterThan(40);
});

test(`the engine and plain enumeration agree on random systems (seed ${seed})`, async () => {
  let violations = 0;
  let largest = 0;
  let widest = 0;
  const check = async (made: Parameters<typeof randomSystem>[0]): Promise<void> => {
    const system = randomSystem(made);
    const exploration = await explore(system, { maxStates: 3000 });
    fc.pre(exploration.bound === undefined);
    largest = Math.max(largest, exploration.states);
    widest = Math.max(widest, exploration.encoding.bitsPerState);
    if (exploration.result === 'fail') violations++;
    expectAgreement(system, exploration);
  };
  await fc.assert(fc.asyncProperty(recipe, check), { seed, numRuns: 800 });
  // the sample must not be trivial: some systems are large, some rows are longer than a word
  expect(violations).toBeGreaterThan(100);
  expect(largest).toBeGreaterThan(1000);
  expect(widest).toBeGreaterThan(32);
});

test(`a run that stops at the shortest counterexample finds one as short as the whole run (seed ${seed})`, async () => {
  const kinds = new Set<string>();
  let [cut, whole] = [0, 0];
  const check = async (made: Parameters<typeof randomSystem>[0]): Promise<void> => {
    const system = randomSystem(made);
    const all = await explore(system, { maxStates: 3000 });
    fc.pre(all.bound === undefined);
    const first = await explore(system, { stopAtShortest: true });
    const [shortest] = violatedIn(all).toSorted((one, other) => one.length - other.length);
    expect(violatedIn(first).map(({ length }) => length)).toEqual(
      shortest === undefined ? [] : expect.arrayContaining([shortest.length]),
    );
    if (shortest !== undefined) kinds.add(shortest.kind);
    if (first.states < all.states) cut++;
    else whole++;
  };
  await fc.assert(fc.asyncProperty(recipe, check), { seed, numRuns: 150 });
  // a recoverable sentence, too, was the one with the shortest way, and there was something to be saved
  expect([...kinds].toSorted()).toEqual(['always', 'recoverable', 'step']);
  expect(cut).toBeGreaterThan(20);
  expect(whole).toBeGreaterThan(20);
});

const violatedIn = ({ properties }: Exploration): { readonly kind: string; readonly length: number }[] =>
  properties.flatMap(outcome =>
    outcome.verdict === 'violated'
      ? [{ kind: outcome.property.kind, length: outcome.trace.steps.length }]
      : [],
  );
