import type { TrialReport } from '../mutants/trial-report.ts';
import type { Case } from './report.ts';

/** What is known of one system's mutants. */
interface Tried {
  readonly system: string;
  readonly trials: readonly TrialReport[];
  readonly of: number;
  readonly unkilled: readonly { readonly id?: string; readonly name: string }[];
}

const outcomes = {
  killed: 'passed',
  equivalent: 'passed',
  survived: 'failed',
  undecided: 'unknown',
} as const satisfies Record<TrialReport['verdict'], Case['outcome']>;

/** Mutants as cases: one each, and one for each sentence that no mutant violates. */
export const casesOfTrials = ({ system, trials, of, unkilled }: Tried): readonly Case[] => [
  ...trials.map(({ name, about, source, verdict }): Case => ({
    suite: system,
    rule: name,
    name: about,
    source,
    outcome: outcomes[verdict],
    ...(verdict === 'survived' ? { message: 'a step differs, and nothing notices' } : {}),
    ...(verdict === 'undecided' ? { message: 'the bound on states was hit first' } : {}),
  })),
  ...(trials.length === of
    ? []
    : [
        {
          suite: system,
          rule: 'mutants that were not tried',
          name: 'every mutant is tried',
          outcome: 'unknown',
          message: `interrupted: ${of - trials.length} of ${of} were not tried`,
        } satisfies Case,
      ]),
  ...unkilled.map(({ id, name }): Case => ({
    suite: system,
    rule: id ?? name,
    name,
    outcome: 'failed',
    message: 'no mutant violates it: nothing here shows that it can fail',
  })),
];
