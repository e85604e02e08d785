import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Exploration } from '../../../checker/index.ts';
import { readCheckpoint, writeCheckpoint } from '../../../checker/node/checkpoint-file.ts';
import { CheckpointRefused, explore, SaveRefused } from '../../../checker/node/index.ts';
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

test('a run that cannot be saved any more goes on and says so, and leaves no temporary file', async () => {
  const there = join(folder, 'soon-gone');
  mkdirSync(there);
  const whole = towersOfHanoi(6);
  let runs = 0;
  const actions = whole.actions.map(action => ({
    ...action,
    run: ((read, write) => {
      if (++runs === 100) rmSync(there, { recursive: true });
      return action.run(read, write);
    }) satisfies typeof action.run,
  }));
  const found = await explore({ ...whole, actions }, { maxDepth: 50, saveTo: join(there, 'run') });
  expect(found).toMatchObject({ result: 'partial', saveFailed: expect.stringMatching(/ENOENT/) });
  const saved = await explore(whole, { maxDepth: 50, saveTo: newFile() });
  expect(untimed(found)).toEqual({ ...untimed(saved), saveFailed: found.saveFailed });
});

test('nothing but a checkpoint is saved over', async () => {
  const text = newFile();
  writeFileSync(text, 'a letter to a friend');
  const link = newFile();
  symlinkSync(text, link);
  for (const saveTo of [text, link, folder, '/dev/null'])
    await expect(explore(towersOfHanoi(3), { saveTo })).rejects.toThrow(SaveRefused);
  expect(readFileSync(text, 'utf8')).toBe('a letter to a friend');
});

test.each([
  ['more states on its levels than there are', { perLevel: [1, 1_000_000] }],
  ['no levels', { perLevel: [] }],
  ['more expanded states than found ones', { expanded: 1_000_000 }],
  ['wider rows', { words: 7 }],
  ['more states than rows', { states: 200 }],
  ['a deadlock beyond the last state', { deadlock: 1_000_000 }],
  ['lessons of states that there are not', { learned: [0, 1_000_000] }],
  ['parents beyond the last state', { known: [1_000_000] }],
])('a forged checkpoint with a right checksum is refused: %s', async (_, forged) => {
  const file = newFile();
  await explore(towersOfHanoi(5), { maxDepth: 9, saveTo: file });
  const { snapshot, rows } = await readCheckpoint(file);
  await writeCheckpoint(file, { snapshot: { ...snapshot, ...forged }, rows });
  expect(await refusal(file)).toBeInstanceOf(CheckpointRefused);
});
