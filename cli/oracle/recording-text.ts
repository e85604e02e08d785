import type { RecordingFinding, RecordingReport } from '../../oracle/counted/index.ts';

const one = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The report on a recording for a person, line by line. */
export function* recordingText(report: RecordingReport, name: string): Generator<string> {
  for (const finding of report.forbidden) yield* findingText(finding, name);
  if (report.more > 0) yield `and ${report.more} more that are forbidden`;
  for (const { line, call, verdict } of report.unknown.slice(0, 5))
    yield `${name}:${line}, call ${call}: unknown: ${verdict.why}`;
  for (const { line, why } of report.unparsed.first) yield `${name}:${line}: not understood: ${why}`;
  const { events, allowed, forbidden, unknown } = report.summary;
  yield `${report.format}, held against ${report.implementation}: ${one(report.sequences, 'sequence')}, ${one(events, 'call')} checked, ${allowed} allowed, ${forbidden} forbidden, ${unknown} unknown; ${report.unparsed.count} lines not understood`;
  for (const [fault, count] of Object.entries(report.known))
    yield `${one(count, 'forbidden call')} as the code is built: ${fault} of facts/pkvm-bugs-2026.md`;
  if (events === 0) yield 'nothing was checked: that is not a pass';
  const { covered, of } = report.coverage.rules;
  yield `rules of the calls that it came by: ${covered} of ${of}`;
}

function* findingText({ line, call, text, verdict }: RecordingFinding, name: string): Generator<string> {
  const { rule, why, differences, known } = verdict;
  yield `${name}:${line}, call ${call}: forbidden by ${verdict.operation} ${rule.name}: ${rule.says}`;
  yield `  ${text.slice(0, 240)}`;
  for (const { at, observed, allowed } of differences) yield `  ${at}: was ${observed}, allowed ${allowed}`;
  yield `  why: ${why}`;
  yield `  source: ${rule.source}`;
  if (known !== undefined)
    yield `  known: ${known} of facts/pkvm-bugs-2026.md: the code as built does this`;
  yield '';
}
