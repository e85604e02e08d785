import { addressHex } from '../../model/bits/index.ts';
import { Exit, type ExitCode } from '../exit.ts';
import type { Case } from './report.ts';

/** What an audit found, of either kind of table. */
export interface Found {
  readonly anomalies: readonly Anomaly[];
  readonly undecided: readonly Anomaly[];
}
interface Anomaly {
  readonly invariant: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly what: string;
}

/** An audit as cases: one an anomaly, and one for whether everything was there to be read. */
export function casesOfAudit(
  { anomalies, undecided }: Found,
  code: ExitCode,
  dump: string | undefined,
): readonly Case[] {
  const suite = dump ?? 'a machine that runs';
  const place = dump === undefined ? {} : { place: { file: dump } };
  const caseOf = (outcome: 'failed' | 'unknown', { invariant, start, end, what }: Anomaly): Case => ({
    suite,
    rule: invariant,
    name: `${addressHex(start)} - ${addressHex(end)} keeps ${invariant}`,
    outcome,
    message: what,
    ...place,
  });
  const isKnown = code === Exit.ok;
  return [
    ...anomalies.map(anomaly => caseOf('failed', anomaly)),
    ...undecided.map(anomaly => caseOf('unknown', anomaly)),
    // beside an anomaly it does not matter what else is missing
    ...(code === Exit.forbidden
      ? []
      : [
          {
            suite,
            rule: 'complete',
            name: 'every table could be read, and belongs to somebody known',
            outcome: isKnown ? 'passed' : 'unknown',
            ...(isKnown ? {} : { message: 'something is missing: the text of the audit names it' }),
            ...place,
          } satisfies Case,
        ]),
  ];
}
