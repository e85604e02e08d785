import { expect, test } from 'vitest';
import { hypercallSmp } from '../../../systems/hypercall-smp/index.ts';
import { isolation } from '../../../systems/isolation/index.ts';
import { notExpressed } from '../../../systems/isolation/not-expressed.ts';

test('every bug that is about isolation is a mutant', () => {
  const wanted = ['B1', 'B7', 'B9', 'B10', 'B13', 'B17', 'B19', 'B20', 'B21', 'B22', 'B26'];
  const names = new Set([...isolation.mutants, ...hypercallSmp.mutants].map(({ name }) => name));
  expect(wanted.filter(name => !names.has(name))).toEqual([]);
});

test('what a mutant leaves out of its bug is listed with the reason', () => {
  expect(notExpressed.map(({ finding }) => finding.slice(0, 3))).toEqual(['B19', 'B21', 'B22', 'B25']);
  for (const { why } of notExpressed) expect(why.length).toBeGreaterThan(40);
});
