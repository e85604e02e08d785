import { expect, test } from 'vitest';
import { explore, verifySymmetry } from '../../../checker/index.ts';
import { stateCount } from '../../../systems/ownership/closed-form.ts';
import { ownership } from '../../../systems/ownership/index.ts';
import { replay, tracesOf } from '../../checker/agreement.ts';

const guests = { protected: 2, normal: 2, calls: 'matching' };

test.each([
  ['own gpas: pages and guests', { ...guests, pages: 3, gpas: 'own' }, 24],
  ['shared gpas: pages, gpas and guests', { ...guests, pages: 2, gpas: 2 }, 16],
  ['ranges tie neighbours together: guests alone', { ...guests, pages: 2, gpas: 2, range: 2 }, 4],
])('%s may be exchanged', async (_, size, exchanges) => {
  const { orbits, differences } = await verifySymmetry(ownership.build(size));
  expect(differences).toEqual([]);
  const states = stateCount(ownership.sizeOf(size));
  expect(orbits.symmetry).toEqual({ represented: states, exchanges });
  expect(orbits.states).toBeLessThan(states);
});

test('an attack found over orbits is told in the names it starts with, and runs', async () => {
  const size = { ...guests, pages: 2, gpas: 2 };
  for (const { name } of ownership.mutants.slice(0, 6)) {
    const system = ownership.build(size, name);
    const found = await explore(system, { symmetry: true });
    for (const trace of tracesOf(found).values()) replay(system, trace);
  }
});

test('malformed calls name a particular member: with them nothing may be exchanged', () => {
  expect(ownership.build({ ...guests, pages: 2, gpas: 2, calls: 'all' }).symmetries).toEqual([]);
});
