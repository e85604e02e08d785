import { expect, test } from 'vitest';
import type { Contestant, Sample } from '../../bench/peers.ts';
import { own } from '../../bench/profiles.ts';
import { resultRows, tableText } from '../../bench/table.ts';

const contestant = (name: string): Contestant => ({
  name,
  makesRefused: true,
  measure: () => Promise.reject(new Error('it was measured before')),
});
const sample = (wallSeconds: number, peakBytes = 2 ** 20): Sample => ({
  states: 1000,
  calls: 10_000,
  cost: { wallSeconds, cpuSeconds: wallSeconds, peakBytes },
});

const results = [
  { contestant: contestant('us'), samples: [sample(3), sample(1), sample(2)] },
  { contestant: contestant('them'), samples: [sample(20), sample(40), sample(10)] },
  { contestant: contestant('the patient'), samples: [sample(50)] },
];

test('a row holds medians, and how often our own median fits into its own', () => {
  const rows = resultRows(results);
  expect(rows.map(({ wallSeconds }) => wallSeconds)).toEqual([2, 20, 50]);
  expect(rows.map(({ times }) => times)).toEqual([1, 10, 25]);
});

test('a checker that was measured once among others that were measured more often is marked', () => {
  expect(resultRows(results).map(({ checker }) => checker)).toEqual([
    'us',
    'them',
    'the patient (one run)',
  ]);
});

test('the table of a pure product says that it proves nothing', () => {
  expect(tableText(own(7), results)).toContain('proves nothing');
});
