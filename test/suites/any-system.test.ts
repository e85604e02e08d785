import { expect, test } from 'vitest';
import { type JsonValue, stepFrom, type System, type Value, valueJson } from '../../checker/index.ts';
import { systemSuite, systemSuiteSchema } from '../../suites/index.ts';
import { systems } from '../../systems/all.ts';

const built = (name: string, profile: string): System => {
  const family = systems.find(known => known.name === name);
  const size = family?.profiles.find(known => known.name === profile);
  if (family === undefined || size === undefined) throw new Error(`${name}/${profile}`);
  return family.build(size.parameters);
};

const cases = [
  ['isolation', 'cache'],
  ['nested-state', 'svm'],
  ['vp-assist-page', 'merged'],
  ['hypercall-smp', 'tlb-normal'],
] as const;

test.each(cases)(
  'the suite of %s/%s covers every transition, and the system itself passes it',
  (name, profile) => {
    const system = built(name, profile);
    const suite = systemSuite(system, profile, 'transitions');
    expect(systemSuiteSchema.safeParse(suite).success).toBe(true);
    expect(suite.guarantee.covered).toBe(suite.guarantee.of);
    for (const { steps } of suite.tests) {
      let state: readonly Value[] = system.slots.map(({ initial }) => initial);
      for (const { actor, name: call, args, result, changes } of steps) {
        const action = system.actions.find(
          candidate =>
            candidate.actor === actor &&
            candidate.name === call &&
            JSON.stringify(
              Object.entries(candidate.args).map(([key, value]) => [key, valueJson(value)]),
            ) === JSON.stringify(Object.entries(args)),
        );
        const done = action && stepFrom(system, state, action);
        if (done === undefined) throw new Error(`${call} cannot be called here`);
        const expected: JsonValue[] = state.map(valueJson);
        for (const { slot, after } of changes) expected[slot] = after;
        expect(done.result).toBe(result);
        expect(done.state.map(valueJson)).toEqual(expected);
        state = done.state;
      }
    }
  },
);

test('refusals are covered too, each where it is refused', () => {
  const { guarantee } = systemSuite(built('nested-state', 'svm'), 'svm', 'refusals');
  expect(guarantee.refusals).toBeGreaterThanOrEqual(guarantee.covered);
  expect(guarantee.covered).toBe(guarantee.of);
});
