import { expect, test } from 'vitest';
import { explore } from '../../checker/index.ts';
import { diningPhilosophers, towersOfHanoi } from './toys.ts';

test('philosophers who all take the left fork first are stuck after one step each, and no sooner', async () => {
  const { result, deadlock } = await explore(diningPhilosophers(4));
  expect(result).toBe('fail');
  expect(deadlock.trace?.steps.map(({ action }) => action.name)).toEqual(Array(4).fill('take left'));
  expect(new Set(deadlock.trace?.steps.map(({ action }) => action.actor)).size).toBe(4);
});

test('the witness of a meal is a shortest one: two forks', async () => {
  const { properties } = await explore(diningPhilosophers(3));
  expect(properties[0]).toMatchObject({ verdict: 'reached', about: 'philosopher 0' });
  expect(properties[0]?.verdict === 'reached' && properties[0].trace.steps.length).toBe(2);
});

test.each([1, 2, 3, 4, 5, 6, 7])(
  '%i disks have 3^n placements, and the way right is 2^n - 1 moves',
  async disks => {
    const exploration = await explore(towersOfHanoi(disks));
    expect(exploration).toMatchObject({ result: 'pass', states: 3 ** disks, depth: 2 ** disks - 1 });
    expect(exploration.transitions).toBe(3 ** disks * disks * 3);
    const [stands] = exploration.properties;
    expect(stands?.verdict === 'reached' && stands.trace.steps.length).toBe(2 ** disks - 1);
  },
);
