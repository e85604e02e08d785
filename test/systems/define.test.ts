import { describe, expect, test } from 'vitest';
import type { Slot } from '../../checker/index.ts';
import { systems } from '../../systems/all.ts';
import { count, flag, type Mutant, oneOf, system, type SystemParts } from '../../systems/index.ts';

/** A counter that a fault lets run past its end. */
interface CounterFault extends Mutant {
  readonly past: number;
}
const overrun: CounterFault = { name: 'overrun', about: 'counts on', source: 'the check', past: 1 };
const profiles = [{ name: 'small', about: 'to two', parameters: { end: 2 }, isDefault: true }];
const size = {
  end: count(1, 9, 'where it ends', 4),
  step: count(1, 3, 'how far it goes').or('any'),
  wraps: flag('begins anew'),
  kind: oneOf(['up', 'down'], 'which way'),
};
const seen: unknown[] = [];
const parts = (chosen: unknown, faults: readonly CounterFault[]): SystemParts => {
  seen.push(chosen);
  const slot: Slot<number> = { name: 'n', initial: 0 };
  const end = 2 + (faults[0]?.past ?? 0);
  return {
    slots: [slot],
    actions: [
      {
        name: 'count',
        actor: 'counter',
        args: {},
        run: (read, write) => {
          const n = read(slot);
          if (n < end) write(slot, n + 1);
          return n < end ? 0 : -1;
        },
      },
    ],
    properties: [],
  };
};
const definition = { name: 'counter', about: 'a counter', size, profiles, build: parts };
const counter = system({
  ...definition,
  faults: [overrun],
  refuse: ({ end, step }) => (typeof step === 'number' && step > end ? 'it steps over its end' : undefined),
});

describe('a system is built from its size', () => {
  test('with every parameter, as what it means: a number, a word, a boolean', () => {
    counter.build({ end: 3, wraps: 1, step: 'any' });
    expect(seen.at(-1)).toEqual({ end: 3, step: 'any', wraps: true, kind: 'up' });
  });

  test('what is not given is what the definition says', () => {
    expect(counter.sizeOf({})).toEqual({ end: 4, step: 1, wraps: false, kind: 'up' });
  });

  test.each([
    [{ end: 10 }, 'end=10: expected a whole number from 1 to 9'],
    [{ end: 1.5 }, 'end=1.5: expected a whole number from 1 to 9'],
    [{ end: 'any' }, 'end=any: expected a whole number from 1 to 9'],
    [{ step: 'some' }, 'step=some: expected a whole number from 1 to 3 or any'],
    [{ wraps: 2 }, 'wraps=2: expected a whole number from 0 to 1'],
    [{ kind: 0 }, 'kind=0: expected up or down'],
    [{ kind: 'sideways' }, 'kind=sideways: expected up or down'],
    [{ ends: 3 }, 'counter has no parameter ends; it has end, step, wraps, kind'],
    [{ constructor: 3 }, 'counter has no parameter constructor; it has end, step, wraps, kind'],
    [{ end: 2, step: 3 }, 'it steps over its end'],
  ])('%j is refused: %s', (parameters, message) => {
    expect(() => counter.build(parameters as never)).toThrow(new RangeError(message));
  });

  test('a fault is put in by its name, and an unknown one is refused', () => {
    expect(counter.build({}).name).toBe('counter');
    expect(counter.mutants).toEqual([overrun]);
    expect(() => counter.build({}, 'underrun')).toThrow(new RangeError('counter has no mutant underrun'));
  });
});

describe('a definition that contradicts itself is refused', () => {
  const [small] = profiles;
  test.each([
    [{ profiles: [] }, 'no profile runs by default'],
    [{ profiles: [{ ...small, isDefault: false }] }, 'no profile runs by default'],
    [{ profiles: [small, small] }, 'small is defined twice'],
    [
      { profiles: [{ ...small, parameters: { end: 99 } }] },
      'profile small: end=99: expected a whole number from 1 to 9',
    ],
    [{ faults: [overrun, overrun] }, 'overrun is defined twice'],
    [{ faults: [{ ...overrun, profile: 'large' }] }, 'fault overrun names large, which is no profile'],
    [{ faultProfile: 'large' }, 'faultProfile is large, which is no profile'],
  ])('%j', (change, message) => {
    expect(() => system<typeof size, CounterFault>({ ...definition, ...(change as object) })).toThrow(
      new RangeError(`counter: ${message}`),
    );
  });
});

describe.each(systems)('$name', family => {
  test('refuses every number beside a range, and every word that is none of its own, from the library too', () => {
    for (const { name, min, max } of family.parameters) {
      for (const wrong of [min - 1, max + 1, min + 0.5, 'no such word'])
        expect(() => family.build({ [name]: wrong }), `${name}=${wrong}`).toThrow(
          new RegExp(`^${name}=${wrong}: expected `),
        );
    }
  });

  test('refuses a parameter and a mutant that it does not have', () => {
    expect(() => family.build({ colour: 1 })).toThrow(`${family.name} has no parameter colour`);
    expect(() => family.build({}, 'no such fault')).toThrow(`${family.name} has no mutant no such fault`);
  });
});
