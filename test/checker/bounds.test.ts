import { expect, test } from 'vitest';
import { explore, type Progress } from '../../checker/index.ts';
import { givesUp } from './gives-up.ts';
import { towersOfHanoi } from './toys.ts';

test('a run that is cut short is partial, and what it did not find is undecided', async () => {
  const { result, bound, states, properties } = await explore(towersOfHanoi(6), { maxStates: 100 });
  expect({ result, bound }).toEqual({ result: 'partial', bound: 'states' });
  expect(states).toBe(100);
  expect(properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided']);
});

test('a bound that is not hit bounds nothing', async () => {
  expect(await explore(towersOfHanoi(4), { maxStates: 81, maxDepth: 16 })).toMatchObject({
    result: 'pass',
  });
});

test('a bound on the depth leaves the deeper levels out, and still looks at the states on the last one', async () => {
  const whole = await explore(towersOfHanoi(4));
  const cut = await explore(towersOfHanoi(4), { maxDepth: 15 });
  expect(cut).toMatchObject({ result: 'partial', bound: 'depth', depth: 15, perLevel: whole.perLevel });
  expect(cut.properties[0]).toMatchObject({ verdict: 'reached' });
  expect(await explore(towersOfHanoi(4), { maxDepth: 7 })).toMatchObject({
    perLevel: whole.perLevel.slice(0, 8),
    properties: [{ verdict: 'undecided' }, { verdict: 'undecided' }],
  });
});

test('a bound on memory or time ends the run as partial', async () => {
  expect(await explore(towersOfHanoi(8), { maxMemoryBytes: 1 })).toMatchObject({ bound: 'memory' });
  expect(await explore(towersOfHanoi(11), { maxSeconds: 0 })).toMatchObject({ bound: 'time' });
});

test('a run that the caller gives up ends as partial, with what it found so far', async () => {
  const samples: Progress[] = [];
  const { system, signal } = givesUp(towersOfHanoi(6), 200);
  const exploration = await explore(system, { signal, onProgress: progress => samples.push(progress) });
  expect(exploration).toMatchObject({ result: 'partial', bound: 'interrupted' });
  expect(exploration.states).toBeGreaterThan(1);
  expect(exploration.states).toBeLessThan(3 ** 6);
  expect(exploration.properties.map(({ verdict }) => verdict)).toContain('undecided');
  expect(samples[0]?.states).toBeLessThanOrEqual(exploration.states);
});

test("a long run lets the caller's timers have their turn", async () => {
  const caller = new AbortController();
  setTimeout(() => caller.abort(), 0);
  const exploration = await explore(towersOfHanoi(14), { signal: caller.signal });
  expect(exploration).toMatchObject({ result: 'partial', bound: 'interrupted' });
});
