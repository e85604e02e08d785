import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enumerate, keyOf, plainSearch, type Slot, type System, type Value } from '../../checker/index.ts';
import { fromStates, fullView } from '../../graphs/from-states.ts';
import { towersOfHanoi } from './toys.ts';

test.each([
  [
    ['a|string:b', 'c'],
    ['a', 'b|string:c'],
  ],
  [
    ['a,string 1 b', 'c'],
    ['a', 'b,string 1 c'],
  ],
  [[1], ['1']],
  [[1n], [1]],
  [[true], ['true']],
])('%o and %o are two states with two keys', (one, other) => {
  expect(keyOf(one)).not.toBe(keyOf(other));
});

test('states have the same key just where all their values are the same', () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(',', ' ', 'string 1 a', '|'),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
  );
  const state = fc.array<Value>(value, { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(state, state, (one, other) => {
      const isSame = one.every((held, at) => held === other[at]);
      return (keyOf(one) === keyOf(other)) === isSame;
    }),
    { numRuns: 1000, seed: 20261018 },
  );
});

test('a search finds each state once, nearest first, and says what it leaves out', () => {
  const steps = [...plainSearch(towersOfHanoi(3), { depth: 7 })];
  expect(steps.filter(({ isNew }) => isNew).map(({ to }) => to)).toEqual(
    Array.from({ length: 26 }, (_, at) => at + 1),
  );
  const near = [...plainSearch(towersOfHanoi(3), { depth: 3 })];
  expect(near.filter(({ to }) => to === undefined).every(({ state }) => state.length > 0)).toBe(true);
  expect(near.some(({ to }) => to === undefined)).toBe(true);
  expect(() => enumerate(towersOfHanoi(3), 26)).toThrow('more than 26 states');
  expect(enumerate(towersOfHanoi(3), 27).states).toHaveLength(27);
});

test('the full view draws states apart that differ in the kind of a value only', () => {
  const held: Slot = { name: 'held', initial: 1 };
  const system: System = {
    name: 'kinds',
    slots: [held],
    actions: [{ name: 'retype', actor: 'anyone', args: {}, run: (_, write) => (write(held, '1'), 0) }],
    properties: [],
  };
  expect(fromStates(system, enumerate(system, 9), fullView(system.slots)).nodes).toHaveLength(2);
});

test('texts that hold whatever could be put between them are still different states', () => {
  const [one, other]: Slot<string>[] = [
    { name: 'one', initial: 'a' },
    { name: 'other', initial: 'a' },
  ];
  if (one === undefined || other === undefined) throw new Error('two slots');
  const pairs = [',|', 'string 1 ', ' '].flatMap(text => [
    ['a', `b${text}c`],
    [`a${text}b`, 'c'],
  ]);
  const system: System = {
    name: 'texts',
    slots: [one, other],
    actions: pairs.map(([first = '', second = '']) => ({
      name: 'set',
      actor: 'anyone',
      args: { first, second },
      run(_, write) {
        write(one, first);
        write(other, second);
        return 'ok';
      },
    })),
    properties: [],
  };
  expect(enumerate(system, 100).states).toHaveLength(1 + pairs.length);
});
