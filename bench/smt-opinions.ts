import { obligationsOf, prove, verdictsOf } from '../checker/index.ts';
import type { SystemFamily } from '../systems/index.ts';
import { askSolver, isThere, solvers } from './smt.ts';

/** Faults that a small instance shows violating an `always` sentence: the invariant of the specification cannot be theirs. */
async function* broken({ mutants, profiles: [first], sized }: SystemFamily) {
  const parameters = first?.parameters ?? {};
  for (const { name } of mutants) {
    const faulty = sized?.(parameters, name);
    if (faulty === undefined) return;
    const isKilled = verdictsOf(await prove(faulty)).some(
      ({ kind, label }) => kind === 'always' && label === 'violated',
    );
    if (isKilled) yield { name, faulty };
  }
}

/**
 * The induction obligations of a system's proof, given to z3 and cvc5: all unsat as specified, and one sat, with a
 * model, under each of some faults. An answer a question; none where nothing could be asked.
 */
export async function smtOpinions(family: SystemFamily, faults: number): Promise<readonly boolean[]> {
  const there = solvers.filter(isThere);
  for (const { name } of solvers.filter(solver => !there.includes(solver)))
    console.log(`${name} is not asked: it is not installed`);
  // the first profile has the fewest calls
  const specified = family.sized?.(family.profiles[0]?.parameters ?? {});
  if (there.length === 0 || specified === undefined) return [];
  const proof = await prove(specified);
  const answers: boolean[] = [];
  const ask = (title: string, system: typeof proof.system, isTrue: boolean): void => {
    const obligations = obligationsOf(proof, system);
    for (const solver of there) {
      const { asked, unsat, sat } = askSolver(obligations, solver);
      const agrees = isTrue ? asked > 1 && unsat === asked : sat.length > 0;
      const model = sat.map(({ name, broken: what }) => `; ${name}: ${what[0]}`).join('');
      console.log(
        `${title}: ${solver.name} ${agrees ? 'agrees' : 'DISAGREES'}: ${unsat} of ${asked} obligations unsat${model}`,
      );
      answers.push(agrees);
    }
  };
  ask(`${family.name} for every size`, proof.system, true);
  let left = faults;
  for await (const { name, faulty } of broken(family)) {
    if (left-- <= 0) break;
    ask(`${family.name} with ${name}`, faulty.build(proof.counts), false);
  }
  return answers;
}
