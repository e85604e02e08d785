import { errnoName } from '../../model/pkvm/index.ts';
import { ruleNamed } from '../../oracle/step/index.ts';
import type { Finding, TraceReport } from '../../oracle/trace/index.ts';
import { more, opener, passed } from './of-file.ts';
import type { Case } from './report.ts';

function caseOf({ line, text, verdict, name }: Finding, file: string, outcome: Case['outcome']): Case {
  const { rule, why, source, differences, allowed } = verdict;
  return {
    suite: file,
    rule: rule === '' ? 'unknown' : rule,
    name:
      outcome === 'failed'
        ? ruleNamed(rule).says
        : name === undefined
          ? 'what was observed is known'
          : `the call ${name} is allowed`,
    outcome,
    message: why,
    source,
    details: [
      text.trim().slice(0, 160),
      ...differences.map(({ at, observed, allowed: may }) => `${at}: was ${observed}, allowed ${may}`),
      ...allowed.map(({ ret, rule: by }) => `allowed: ${errnoName(ret)} (${by})`),
    ],
    place: { file, line },
  };
}

/** A trace as cases: each finding at its line, and one for all events that were allowed. */
export function casesOfTrace(report: TraceReport, file: string, isInterrupted: boolean): readonly Case[] {
  const { forbidden, unknown, unparsed, limits, summary } = report;
  const open = opener(file);
  const isOpen = summary.events === 0 || isInterrupted;
  return [
    ...forbidden.map(finding => caseOf(finding, file, 'failed')),
    ...more(file, summary.forbidden - forbidden.length, 'events'),
    ...unknown.map(finding => caseOf(finding, file, 'unknown')),
    ...unparsed.first.map(({ line, why }) => open('not understood', why, line)),
    ...limits.map(limit => open('limit', ruleNamed(limit).says)),
    ...(isOpen ? [open('unchecked', isInterrupted ? 'interrupted' : 'nothing was checked')] : []),
    ...passed(file, summary.allowed, 'events are allowed'),
  ];
}
