import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { enumerate, learnRelations } from '../../checker/index.ts';
import { claimsOf } from '../../graphs/claims.ts';
import type { Formula } from '../../graphs/formula.ts';
import { randomSystem, recipe } from '../checker/random-system.ts';

const seed = 20_260_923;

const isTrue = (formula: Formula, state: readonly number[]): boolean => {
  switch (formula.kind) {
    case 'constant':
      return formula.value;
    case 'in':
      return formula.codes.includes(state[formula.slot] ?? -1);
    case 'not':
      return !isTrue(formula.of, state);
    case 'all':
      return formula.of.every(part => isTrue(part, state));
    case 'any':
      return formula.of.some(part => isTrue(part, state));
  }
};

test(`a claim is false in some state exactly where the engine says that it is broken (seed ${seed})`, async () => {
  const broken = new Map<string, number>();
  const check = async (made: Parameters<typeof randomSystem>[0]): Promise<void> => {
    const system = randomSystem(made);
    const relations = await learnRelations(system, { maxStates: 200 });
    fc.pre(relations.found.bound === undefined);
    const { states } = enumerate(system, 200);
    const codes = states.map(state => state.map((value, at) => relations.values[at]?.indexOf(value) ?? -1));
    for (const { kind, formula, isBroken } of claimsOf(relations)) {
      expect(codes.some(state => !isTrue(formula, state))).toBe(isBroken);
      if (isBroken === true) broken.set(kind, (broken.get(kind) ?? 0) + 1);
    }
  };
  await fc.assert(fc.asyncProperty(recipe, check), { seed, numRuns: 300 });
  // every kind of claim was broken by some of them
  for (const kind of ['always', 'sometimes', 'step', 'twin', 'deadlock'])
    expect(broken.get(kind), kind).toBeGreaterThan(5);
});

test('the keys of claims are identifiers and differ', async () => {
  const { ownership } = await import('../../systems/ownership/index.ts');
  const relations = await learnRelations(ownership.build({ pages: 1 }));
  const keys = claimsOf(relations).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[a-z]\w*$/);
});
