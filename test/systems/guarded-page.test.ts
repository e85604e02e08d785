import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explore } from '../../checker/index.ts';
import { withFaults } from '../../model/fault.ts';
import { guardedPageFaults, redundantOrders } from '../../systems/guarded-page/faults/index.ts';
import { guardedPage, guardedPageSystem } from '../../systems/guarded-page/index.ts';
import { redundant } from '../../systems/guarded-page/redundant.ts';
import { specified } from '../../systems/guarded-page/rules.ts';
import { profileOf, tryMutant } from '../../systems/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/guarded-page.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d+) \| `([^`]+)` \| (.+) \| (\d+) \|$/gm)].map(
  ([, rule, fault, sentence, steps]) => ({ rule: Number(rule), fault, sentence, steps: Number(steps) }),
);

for (const { name, parameters, pinned } of guardedPage.profiles.filter(({ isDefault }) => isDefault)) {
  test(`guarded-page/${name} holds, and has as many states as it is said to have`, async () => {
    const found = await explore(guardedPage.build(parameters));
    expect(found.result).toBe('pass');
    expect(found.states).toBe(pinned?.states);
  });
}

test('every step of every call is made in some profile', async () => {
  const made = new Set<string>();
  for (const { parameters, name } of guardedPage.profiles) {
    if (!['hypervisor', 'host', 'donated'].includes(name)) continue;
    const { coverage } = await explore(guardedPage.build(parameters));
    for (const { name: action, results } of coverage)
      if ([...results.keys()].some(result => typeof result !== 'number' || result === 0)) made.add(action);
  }
  const steps = Object.entries(specified.programs).flatMap(([call, program]) =>
    program.map(step => `${call}/${step}`),
  );
  expect(steps.filter(step => !made.has(step))).toEqual([]);
});

describe('a fault is caught by a sentence, or by the protocol; those of docs/guarded-page.md are below', () => {
  const inDocs = new Set(rows.map(({ fault }) => fault));
  const others = guardedPageFaults.filter(({ name }) => !inDocs.has(name));
  test.each(others)('$name: $about', async fault => {
    const { parameters } = profileOf(guardedPage, fault);
    const system = guardedPage.build(parameters, fault.name);
    const { result, bound } = await explore(system, { stopAtViolation: true });
    expect(bound).toBeUndefined();
    expect(result).toBe('fail');
  });
});

test.each(redundantOrders)('that $about changes nothing that a sentence speaks of', async fault => {
  const size = guardedPage.sizeOf(profileOf(guardedPage, fault).parameters);
  const system = guardedPageSystem(size, withFaults(specified, [fault]));
  const { properties, bound } = await explore({ ...system, name: 'guarded-page' });
  expect(bound).toBeUndefined();
  expect(properties.filter(({ verdict }) => verdict === 'violated' || verdict === 'not reached')).toEqual(
    [],
  );
});

test('an order that is called redundant is one that was swapped', () => {
  const names = redundantOrders.map(({ name }) => name);
  expect(redundant.map(({ mutant }) => mutant).sort()).toEqual([...names].sort());
});

test('docs/guarded-page.md has an attack for each of the ten rules', () => {
  const rules = [...page.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
  expect(rules).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect([...new Set(rows.map(({ rule }) => rule))]).toEqual(rules);
});

test.each(rows)('without rule $rule: $fault violates, in $steps steps, that $sentence', async row => {
  const mutant = guardedPageFaults.find(({ name }) => name === row.fault);
  if (mutant === undefined) throw new Error(`no fault ${row.fault}`);
  const { killers } = await tryMutant(guardedPage, mutant, {});
  const killed = killers.find(({ property }) => property?.name === row.sentence);
  expect(killed?.attack?.steps.length).toBe(row.steps);
});
