import type { RecordingFinding, RecordingReport } from '../../oracle/counted/index.ts';
import type { DifferenceGroup, ProcessorReport } from '../../oracle/processor/index.ts';
import { more, opener, passed } from './of-file.ts';
import type { Case } from './report.ts';

/** A recording of calls as cases: each finding at its line, and one for all calls that were allowed. */
export function casesOfRecording(report: RecordingReport, file: string): readonly Case[] {
  const { forbidden, unknown, unparsed, summary } = report;
  const open = opener(file);
  return [
    ...forbidden.map(finding => callCase(finding, file, 'failed')),
    ...more(file, report.more, 'calls'),
    ...unknown.map(finding => callCase(finding, file, 'unknown')),
    ...unparsed.first.map(({ line, why }) => open('not understood', why, line)),
    ...(summary.events === 0 ? [open('unchecked', 'nothing was checked')] : []),
    ...passed(file, summary.allowed, `calls are as ${report.implementation} makes them`),
  ];
}

function callCase(
  { line, call, text, verdict }: RecordingFinding,
  file: string,
  outcome: Case['outcome'],
): Case {
  const { rule, operation, why, differences } = verdict;
  return {
    suite: file,
    rule: `${operation} ${rule.name}`,
    name: rule.says,
    outcome,
    message: `call ${call}: ${why}`,
    source: rule.source,
    details: [
      text.slice(0, 160),
      ...differences.map(({ at, observed, allowed }) => `${at}: was ${observed}, allowed ${allowed}`),
    ],
    place: { file, line },
  };
}

/** A processor's record as cases: each cause of differences at the first line that shows it. */
export function casesOfProcessor(report: ProcessorReport, file: string): readonly Case[] {
  const { groups, unparsed, problems, end, entries, agree } = report;
  const open = opener(file);
  return [
    ...groups.map(group => groupCase(group, file)),
    ...unparsed.map(({ line, why }) => open('not understood', why, line)),
    ...problems.map(problem => open('hypervisor', problem)),
    ...(end === undefined ? [open('unchecked', 'the record breaks off')] : []),
    ...(end !== undefined && entries === 0 ? [open('unchecked', 'nothing was checked')] : []),
    ...passed(file, agree, 'VM entries are as specified'),
  ];
}

const shownEntries = 20;

function groupCase({ causes, entries }: DifferenceGroup, file: string): Case {
  const [first] = entries;
  const names = causes.map(({ name }) => name).join(' with ');
  const source = causes.map(cause => cause.source).join('; ');
  return {
    suite: file,
    rule: causes.length === 0 ? 'unexplained' : names,
    name: `${entries.length} VM entries are as specified`,
    outcome: 'failed',
    message:
      causes.length === 0
        ? 'nothing known explains the difference'
        : causes.map(({ about }) => about).join(' '),
    ...(source === '' ? {} : { source }),
    details: entries
      .slice(0, shownEntries)
      .map(
        ({ entry, differences }) =>
          `${entry.id}: ${differences.map(({ at, observed, allowed }) => `${at} was ${observed}, must be ${allowed}`).join('; ')}`,
      ),
    place: { file, ...(first === undefined ? {} : { line: first.line }) },
  };
}
