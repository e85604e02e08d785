import { expect, test } from 'vitest';
import { explore } from '../../../checker/node/index.ts';
import type { Exploration } from '../../../checker/index.ts';
import { counters } from '../toys.ts';
import { compiledWorker } from './compiled.ts';

const workerFile = compiledWorker();
const untimed = ({ seconds: _, ...rest }: Exploration): Omit<Exploration, 'seconds'> => rest;

test('any number of workers finds the same states, traces and coverage, and learns the same', async () => {
  const system = counters(7, 4, 4);
  const alone = untimed(await explore(system));
  expect(alone).toMatchObject({ result: 'fail', states: 5 ** 7 });
  expect(Math.max(...alone.perLevel)).toBeGreaterThan(6_000);
  for (const workers of [2, 3])
    expect(untimed(await explore(system, { workers, workerFile }))).toEqual(alone);
});

test('a bound on states stops any number of workers at the same state', async () => {
  const system = counters(7, 4, 4);
  const options = { maxStates: 50_000 };
  const alone = untimed(await explore(system, options));
  expect(alone).toMatchObject({ bound: 'states', states: 50_000 });
  expect(untimed(await explore(system, { ...options, workers: 2, workerFile }))).toEqual(alone);
});

test('rows that outgrow a word while workers are busy change nothing', async () => {
  const system = counters(6, 40, 40);
  const options = { maxStates: 120_000 };
  const alone = untimed(await explore(system, options));
  expect(alone.encoding.bitsPerState).toBeGreaterThan(24);
  expect(untimed(await explore(system, { ...options, workers: 2, workerFile }))).toEqual(alone);
});

test('a worker that cannot be started is an error, not a result', async () => {
  const nowhere = new URL('nowhere.js', workerFile);
  await expect(explore(counters(7, 4, 4), { workers: 2, workerFile: nowhere })).rejects.toThrow(/nowhere/);
});
