import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Exploration } from '../../../checker/index.ts';
import { CheckpointRefused, explore } from '../../../checker/node/index.ts';
import { givesUp } from '../gives-up.ts';
import { counters, diningPhilosophers, towersOfHanoi } from '../toys.ts';

const folder = mkdtempSync(join(tmpdir(), 'pagewarden-checkpoint-'));
let files = 0;
const newFile = (): string => join(folder, `run-${files++}`);
const untimed = ({ seconds: _, ...rest }: Exploration): Omit<Exploration, 'seconds'> => rest;

test.each([
  ['in the middle of a level', { maxStates: 700 }],
  ['between two levels', { maxDepth: 9 }],
])('a run that is cut %s and resumed ends as if it had never stopped', async (_, bound) => {
  for (const system of [counters(5, 4, 2), diningPhilosophers(7), towersOfHanoi(7)]) {
    const whole = untimed(await explore(system));
    const saveTo = newFile();
    expect(await explore(system, { ...bound, saveTo })).toMatchObject({
      result: expect.not.stringMatching('pass'),
    });
    expect(untimed(await explore(system, { resumeFrom: saveTo }))).toEqual(whole);
  }
});

test('a run can be cut and resumed again and again', async () => {
  const system = counters(5, 4, 3);
  const whole = untimed(await explore(system));
  const file = newFile();
  await explore(system, { maxDepth: 0, saveTo: file });
  for (let maxDepth = 1; maxDepth < whole.depth; maxDepth += 3)
    await explore(system, { maxDepth, saveTo: file, resumeFrom: file });
  expect(untimed(await explore(system, { resumeFrom: file }))).toEqual(whole);
});

test('a run that is given up can be resumed', async () => {
  const whole = towersOfHanoi(9);
  const file = newFile();
  const { system, signal } = givesUp(whole, 200);
  const cut = await explore(system, { signal, saveTo: file });
  expect(cut).toMatchObject({ bound: 'interrupted' });
  expect(await explore(whole, { resumeFrom: file })).toMatchObject({ result: 'pass', states: 3 ** 9 });
});

test('nothing but the checkpoint is left behind', async () => {
  const before = readdirSync(folder).length;
  await explore(towersOfHanoi(5), { saveTo: newFile() });
  expect(readdirSync(folder)).toHaveLength(before + 1);
});

const refusal = async (resumeFrom: string, system = towersOfHanoi(5)): Promise<unknown> =>
  explore(system, { resumeFrom }).then(
    () => 'not refused',
    (error: unknown) => error,
  );

test('a checkpoint of another size, another system or other behaviour is refused with the reason', async () => {
  const file = newFile();
  await explore(towersOfHanoi(5), { maxDepth: 9, saveTo: file });
  const six = await refusal(file, towersOfHanoi(6));
  expect(six).toBeInstanceOf(CheckpointRefused);
  expect(six).toMatchObject({ message: expect.stringMatching(/another system or another size/) });
  const { actions, ...rest } = towersOfHanoi(5);
  const faulty = actions.map(action => ({ ...action, run: () => 0 }));
  expect(await refusal(file, { ...rest, actions: faulty })).toMatchObject({
    message: expect.stringMatching(/does something else/),
  });
});

test('a damaged file is refused with the reason, whichever byte it is', async () => {
  const file = newFile();
  await explore(towersOfHanoi(5), { maxDepth: 9, saveTo: file });
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at += 97) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    expect(await refusal(file)).toBeInstanceOf(CheckpointRefused);
  }
  writeFileSync(file, whole.subarray(0, whole.length - 4));
  expect(await refusal(file)).toMatchObject({
    message: expect.stringMatching(/damaged: it should go on for/),
  });
});
