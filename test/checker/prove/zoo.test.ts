import { describe, expect, test } from 'vitest';
import { prove, type Sized, verdictsOf } from '../../../checker/index.ts';
import {
  evenBits,
  lampsByEach,
  lampsByPlainLoop,
  leakyLibrary,
  library,
  mutex,
  parity,
  pile,
  wrappingTickets,
} from './zoo.ts';

describe('what is true for every size, and can be seen locally, is proven', () => {
  test.each<[string, Sized, { width: number; witnesses: number }]>([
    ['two slots at a time', mutex, { width: 2, witnesses: 0 }],
    ['three slots, because no two of them show it', evenBits, { width: 3, witnesses: 0 }],
    ['a witness, because something must exist', library, { width: 2, witnesses: 1 }],
    ['a loop over members that says that it is one', lampsByEach, { width: 2, witnesses: 0 }],
  ])('%s', async (_, sized, { width, witnesses }) => {
    const proof = await prove(sized);
    expect([...proof.held.values()].map(({ doubt }) => doubt?.why)).toEqual([undefined]);
    expect(proof.short).toEqual([]);
    expect([...proof.strays]).toEqual([]);
    expect(Math.max(2, ...[...proof.refuter.exclusions.values()].map(({ atoms }) => atoms.length))).toBe(
      width,
    );
    expect(proof.witnesses.all).toHaveLength(witnesses);
  });
});

test.each<[string, Sized]>([
  ['a counter that wraps around at three, wrong from four processes on', wrappingTickets],
  ['a library that loses books', leakyLibrary],
  ['a parity, true, of which no number of slots says how many are set', parity],
])('not proven: %s', async (_, sized) => {
  const proof = await prove(sized);
  expect([...proof.held.values()].every(({ doubt }) => doubt !== undefined)).toBe(true);
});

test('a plain loop over members is noticed: it writes of a member that nothing names', async () => {
  const { strays, short } = await prove(lampsByPlainLoop);
  expect([...strays.keys()]).toEqual(['close']);
  expect(short).toEqual(['lamp']);
});

test.each([
  ['a pile that any number of calls takes away: each makes it smaller', false, 'every size'],
  ['a pile of which a covered stone stays', true, 'violated'],
] as const)('recoverable, %s', async (_, isGuarded, label) => {
  expect(verdictsOf(await prove(pile(isGuarded))).map(verdict => verdict.label)).toEqual([label]);
});
