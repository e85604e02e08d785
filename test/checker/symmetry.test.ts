import { expect, test } from 'vitest';
import {
  explore,
  type Property,
  SymmetryRefused,
  type System,
  verifySymmetry,
} from '../../checker/index.ts';
import { explore as exploreWithWorkers } from '../../checker/node/index.ts';
import { replay, tracesOf } from './agreement.ts';
import { lockers } from './lockers.ts';
import { towersOfHanoi } from './toys.ts';

test.each([
  [2, 2, 1],
  [3, 2, 1],
  [3, 3, 2],
  [4, 3, 2],
  [4, 2, 3],
])(
  'orbits of %i lockers and %i people stand for all states, and every verdict is the same',
  async (...size) => {
    const { orbits, states, differences } = await verifySymmetry(lockers(...size));
    expect(differences).toEqual([]);
    expect(orbits.symmetry?.represented).toBe((size[1] + 1) ** size[0]);
    expect(orbits.states).toBeLessThan(states.states);
  },
);

test('placements of people in lockers, with neither in an order, are the partitions of the lockers', async () => {
  // 4 lockers, 3 people: partitions of at most 4 into at most 3 parts: 1 + 1 + 2 + 3 + 4
  expect((await explore(lockers(4, 3, 4), { symmetry: true })).states).toBe(11);
});

test('paths over orbits are told in the names they start with: they run, and break what they say they break', async () => {
  const system = lockers(4, 3, 2);
  const found = await explore(system, { symmetry: true });
  const traces = tracesOf(found);
  expect([...traces.keys()]).toEqual([
    'nobody has all lockers',
    'two lockers belong to two people',
    'twin',
  ]);
  for (const trace of traces.values()) replay(system, trace);
  const [always, sometimes] = found.properties;
  const end = replay(system, traces.get('nobody has all lockers') ?? { steps: [], shortest: true });
  expect(always).toMatchObject({ about: `person ${end[0]}`, why: `person ${end[0]} has all` });
  expect(new Set(end).size).toBe(1);
  expect(sometimes).toMatchObject({
    verdict: 'reached',
    about: expect.stringMatching(/locker \d, locker \d/),
  });
  const last = found.twin?.disagreement?.trace.steps.at(-1);
  expect(found.twin?.disagreement?.why).toBe(
    `${last?.action.actor} handed on locker ${last?.action.args.locker}`,
  );
});

const refusal = (system: System): Promise<unknown> =>
  explore(system, { symmetry: true }).then(
    () => 'not refused',
    (error: unknown) => error,
  );

test('a sentence that names a particular member is refused, not explored', async () => {
  const system = lockers(3, 2, 2);
  const first = system.slots[0];
  const named: Property = {
    kind: 'sometimes',
    name: 'the first locker is taken',
    source: 'names one',
    instances: [{ about: '', holds: read => first !== undefined && read(first) !== -1 }],
  };
  const error = await refusal({ ...system, properties: [named] });
  expect(error).toBeInstanceOf(SymmetryRefused);
  expect(error).toMatchObject({
    message: expect.stringMatching(/"the first locker is taken" names a particular/),
  });
});

test('a system without symmetries, or with a call that only some members have, is refused', async () => {
  expect(await refusal(towersOfHanoi(3))).toMatchObject({
    message: expect.stringMatching(/declares no symmetry/),
  });
  const system = lockers(3, 2, 2);
  expect(await refusal({ ...system, actions: system.actions.slice(1) })).toMatchObject({
    message: expect.stringMatching(/a call that the system does not have/),
  });
});

test('a member that behaves in another way is found by exploring both ways', async () => {
  const system = lockers(3, 2, 3);
  const actions = system.actions.map(action =>
    action.args.person === 1 && action.name === 'take' ? Object.assign(action, { run: () => -11 }) : action,
  );
  const error = verifySymmetry({ ...system, actions }).then(({ differences }) => differences.length > 0);
  expect(await error.catch((refused: unknown) => refused instanceof SymmetryRefused)).toBe(true);
});

test('orbits and files exclude each other', async () => {
  const options = { symmetry: true, saveTo: 'nowhere' };
  await expect(exploreWithWorkers(lockers(2, 2, 2), options)).rejects.toThrow(SymmetryRefused);
});
