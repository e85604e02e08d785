import { describe, expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { stateCount } from '../../../systems/ownership/closed-form.ts';
import { ownership } from '../../../systems/ownership/index.ts';

describe('the number of states is the one that can be counted without exploring', () => {
  const sizes = [
    { pages: 1, gpas: 1, protected: 1, normal: 1 },
    { pages: 2, gpas: 2, protected: 1, normal: 1, range: 2, prots: 2 },
    { pages: 3, gpas: 2, protected: 2, normal: 1, range: 2 },
    { pages: 3, gpas: 3, protected: 1, normal: 0, range: 3 },
    { pages: 2, gpas: 3, protected: 0, normal: 2 },
    { pages: 4, gpas: 'own', protected: 2, normal: 2, calls: 'matching' },
    { pages: 3, gpas: 'own', protected: 3, normal: 1 },
  ] as const;
  test.each(sizes)('%o', async size => {
    const found = await explore(ownership.build(size));
    expect(found.result).toBe('pass');
    expect(found.states).toBe(stateCount(ownership.sizeOf(size)));
  });

  test('eight states a page with two protected and two normal guests, to the power of the pages', () => {
    for (const [pages, states] of [
      [4, 4096],
      [6, 262_144],
      [8, 16_777_216],
    ] as const) {
      expect(stateCount(ownership.sizeOf({ pages, gpas: 'own', protected: 2, normal: 2 }))).toBe(states);
    }
  });
});

test('with own gpas and matching calls each page adds fourteen calls to every state', async () => {
  const found = await explore(
    ownership.build({ pages: 3, gpas: 'own', protected: 2, normal: 2, calls: 'matching' }),
  );
  expect([found.states, found.transitions]).toEqual([512, 512 * 3 * 14]);
});

test('every profile that npm start runs passes, all operations called and every witness reached', async () => {
  for (const { parameters, pinned } of ownership.profiles.filter(({ isDefault }) => isDefault)) {
    const found = await explore(ownership.build(parameters));
    expect(found.result).toBe('pass');
    expect(found.coverage.map(({ name }) => name)).toHaveLength(8);
    expect(found.properties.filter(({ verdict }) => verdict !== 'holds' && verdict !== 'reached')).toEqual(
      [],
    );
    if (pinned !== undefined) expect(found.states).toBe(pinned.states);
  }
});

test('a range longer than there are pages is refused', () => {
  expect(() => ownership.build({ pages: 1, range: 2 })).toThrow('range=2 is longer than pages=1');
});
