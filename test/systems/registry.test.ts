import { expect, test } from 'vitest';
import { systems } from '../../systems/all.ts';
import { loadSystem, systemNames } from '../../systems/registry.ts';

test('every system is loaded by its own name, and they stand in one order', async () => {
  expect(systemNames).toEqual(systems.map(({ name }) => name));
  expect(await Promise.all(systemNames.map(loadSystem))).toEqual(systems);
});

test('a name that is no system loads nothing', async () => {
  expect(await loadSystem('nothing')).toBeUndefined();
  expect(await loadSystem('constructor')).toBeUndefined();
});
