import { isProven } from '../prove/code.ts';
import type { ProofJson } from '../prove/proof-schema.ts';
import type { Case } from './report.ts';

/** A proof as cases, one a sentence. Passed is what makes the exit code 0. */
export const casesOfProof = ({ system, mutant, sentences }: ProofJson): readonly Case[] =>
  sentences.map(({ id, name, label, why = '', counterexample }) => {
    const suite = `${system}${mutant === undefined ? '' : ` with ${mutant}`}`;
    const rule = id ?? name;
    if (isProven({ label })) return { suite, rule, name, outcome: 'passed' };
    return {
      suite,
      rule,
      name,
      outcome: label === 'violated' ? 'failed' : 'unknown',
      message: [label, why].filter(part => part !== '').join(': '),
      details: counterexample?.before.map(line => `before: ${line}`) ?? [],
    };
  });
