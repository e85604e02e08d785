import { expect, test } from 'vitest';
import { askSolver, isThere, solvers, trueFlags } from '../../bench/smt.ts';
import { obligationsOf, prove } from '../../checker/index.ts';
import { toSmtlib } from '../../graphs/smtlib.ts';
import { leakyLibrary, library, mutex } from '../checker/prove/zoo.ts';

const there = solvers.filter(isThere);
if (there.length === 0) console.log('skipped: neither z3 nor cvc5 is installed');

test.skipIf(there.length === 0)(
  'what is proven by local induction, a witness among it, is unsat over uninterpreted sorts',
  async () => {
    for (const sized of [mutex, library]) {
      const obligations = obligationsOf(await prove(sized));
      for (const solver of there) {
        const { asked, unsat } = askSolver(obligations, solver);
        expect(asked).toBeGreaterThan(1);
        expect(unsat, `${sized.name}, ${solver.name}`).toBe(asked);
      }
    }
  },
);

test.skipIf(there.length === 0)(
  'under calls that lose books the same invariant is false, and the model says what breaks',
  async () => {
    const proof = await prove(library);
    const obligations = obligationsOf(proof, leakyLibrary.build(proof.counts));
    for (const solver of there)
      expect(askSolver(obligations, solver).sat.flatMap(({ broken }) => broken)).toContainEqual(
        expect.stringContaining('without what must exist beside it'),
      );
  },
);

test('each obligation is a check-sat of its own: the initial states, and every step', async () => {
  const obligations = obligationsOf(await prove(mutex));
  const { text, names } = toSmtlib(obligations, 'mutex');
  expect(names).toHaveLength(1 + obligations.steps.length);
  expect(text.match(/\(check-sat\)/g)).toHaveLength(names.length);
});

test('a model is read back by the flags that are true in it', () => {
  expect(trueFlags(['sat', '((|unit 3| false) (|pair 1 2| true))'])).toEqual(['pair 1 2']);
});
