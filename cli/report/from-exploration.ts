import type { Exploration, PropertyOutcome } from '../../checker/index.ts';
import type { Choice } from '../choice.ts';
import { isPath } from '../own-system/is-path.ts';
import { traceLines } from '../print-trace.ts';
import type { Case } from './report.ts';

type Said = Pick<Case, 'outcome' | 'message' | 'details'>;

function said(outcome: PropertyOutcome): Said {
  switch (outcome.verdict) {
    case 'holds':
    case 'reached':
      return { outcome: 'passed' };
    case 'violated':
      return {
        outcome: 'failed',
        message: `violated after ${outcome.trace.steps.length} steps${outcome.why === '' ? '' : `: ${outcome.why}`}`,
        details: traceLines(outcome.trace),
      };
    case 'not reached':
      return { outcome: 'failed', message: 'no state of this profile shows it' };
    case 'undecided':
      return { outcome: 'unknown', message: 'undecided: the run was cut short' };
  }
}

/** A run as cases: one a sentence, one for the twin, one for deadlock. */
export function casesOfRun(
  { family, profile }: Choice,
  found: Exploration,
  mutant: string | undefined,
): readonly Case[] {
  const suite = `${family.name}/${profile}${mutant === undefined ? '' : ` with ${mutant}`}`;
  const place = isPath(family.name) ? { place: { file: family.name } } : {};
  const { twin, deadlock, bound } = found;
  const rest = (trace: typeof deadlock.trace, why: string): Said =>
    trace !== undefined
      ? { outcome: 'failed', message: why, details: traceLines(trace) }
      : bound === undefined
        ? { outcome: 'passed' }
        : { outcome: 'unknown', message: 'undecided: the run was cut short' };
  return [
    ...found.properties.map(outcome => ({
      suite,
      rule: outcome.property.id ?? outcome.property.name,
      name: outcome.property.name,
      source: outcome.property.source,
      ...place,
      ...said(outcome),
    })),
    ...(twin === undefined
      ? []
      : [
          {
            suite,
            rule: 'twin',
            name: 'bits and protocol agree on every step',
            ...place,
            ...rest(twin.disagreement?.trace, twin.disagreement?.why ?? ''),
          },
        ]),
    ...(deadlock.mode === 'off'
      ? []
      : [
          {
            suite,
            rule: 'deadlock',
            name: 'something can go on in every state',
            ...place,
            ...rest(deadlock.trace, `deadlock (${deadlock.mode})`),
          },
        ]),
  ];
}
