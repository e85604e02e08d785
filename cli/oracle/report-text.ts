import { errnoName } from '../../model/pkvm/index.ts';
import type { Finding, Group, TraceReport } from '../../oracle/trace/index.ts';
import { type Resync, ruleNamed, type Verdict } from '../../oracle/step/index.ts';
import { callJson } from './report-json.ts';

const one = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The report of `oracle check` for a person, line by line: the first finding of each cause in full. */
export function* reportText(report: TraceReport, name: string): Generator<string> {
  const shown = new Set<string>();
  for (const finding of report.forbidden) {
    const group = report.groups.find(({ lines }) => lines.includes(finding.line));
    const cause = JSON.stringify([group?.rule, group?.name, group?.difference]);
    if (shown.has(cause)) continue;
    shown.add(cause);
    yield* findingText(finding, name);
    if (group !== undefined && group.count > 1) yield* othersText(group);
    yield '';
  }
  const listed = report.groups.filter(({ lines }) =>
    report.forbidden.some(({ line }) => lines.includes(line)),
  );
  for (const group of report.groups.filter(one => !listed.includes(one))) yield* groupText(group);
  yield* unknownText(report, name);
  yield* unparsedText(report, name);
  yield* summaryText(report);
}

function* othersText({ count, lines }: Group): Generator<string> {
  const others = lines.slice(1);
  const more = count - lines.length;
  yield `  and ${count - 1} more of this cause: line${others.length === 1 ? '' : 's'} ${others.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function* groupText({ rule, name, difference, count, lines }: Group): Generator<string> {
  const what = [name, rule, difference].filter(part => part !== undefined).join(', ');
  yield `forbidden ${count} time${count === 1 ? '' : 's'}: ${what}; first in line ${lines[0]}`;
}

function* findingText(
  { line, text, verdict, reproduction, implementations }: Finding,
  name: string,
): Generator<string> {
  yield `${name}:${line}: forbidden by ${verdict.rule}: ${verdict.says}`;
  yield `  ${text.trim().slice(0, 160)}`;
  for (const { at, observed, allowed } of verdict.differences)
    yield `  ${at}: was ${observed}, allowed ${allowed}`;
  yield `  why: ${verdict.why}`;
  yield `  source: ${verdict.source}`;
  yield* allowedText(verdict);
  if (verdict.resync !== undefined) {
    yield `  going on ${resyncText(verdict.resync)}`;
  }
  if (reproduction !== undefined) {
    yield `  shortest reproduction, with the results that are allowed (${one(reproduction.calls.length, 'call')}):`;
    for (const call of reproduction.calls) yield `    ${JSON.stringify(callJson(call))}`;
    yield '  to ask the implementation itself, save these lines and run: pagewarden suite ownership --calls FILE --format c';
  }
  if (implementations !== undefined) {
    const allowing = implementations
      .filter(({ allows }) => allows)
      .map(({ implementation }) => implementation);
    yield allowing.length > 0
      ? `  allowed by the implementation ${allowing.join(' and ')}: is that the one to hold it against?`
      : '  no implementation that ships allows it';
  }
}

const leaves = (count: number): string => `${count} ${count === 1 ? 'leaf' : 'leaves'}`;

function resyncText(resync: Resync): string {
  switch (resync.assumed) {
    case 'observed':
      return `from the ${leaves(resync.leaves)} that were observed`;
    case 'either':
      return `with both: that it did what returns ${errnoName(resync.ret)}, and that it did nothing`;
    case 'unknown':
      return `with nothing known of the ${leaves(resync.leaves)} that it names`;
  }
}

function* allowedText({ allowed }: Verdict): Generator<string> {
  const seen = new Set<string>();
  for (const { ret, rule, isLoose, writes } of allowed) {
    const changes =
      writes.length === 0
        ? 'nothing changed'
        : one(writes.length, 'leaf word').replace('leaf words', 'leaf words');
    const text = `  allowed: ${errnoName(ret)} (${rule}${isLoose ? ', for want of memory' : ''}), ${changes}`;
    if (!seen.has(text)) yield text;
    seen.add(text);
  }
}

function* unknownText({ unknown, summary }: TraceReport, name: string): Generator<string> {
  for (const { line, verdict } of unknown.slice(0, 5)) {
    const needs = verdict.needs
      .map(
        ({ table, address }) => `${table === 'host' ? 'host' : `guest ${table}`} 0x${address.toString(16)}`,
      )
      .join(', ');
    yield `${name}:${line}: unknown: ${verdict.why}${needs === '' ? '' : `; needed: the leaf of ${needs}`}`;
  }
  if (summary.unknown > 5) yield `and ${summary.unknown - 5} more that are unknown`;
}

function* unparsedText({ unparsed }: TraceReport, name: string): Generator<string> {
  for (const { line, why } of unparsed.first) yield `${name}:${line}: not understood: ${why}`;
  if (unparsed.count > unparsed.first.length)
    yield `and ${unparsed.count - unparsed.first.length} more lines that were not understood`;
}

function* summaryText({
  summary,
  coverage,
  lines,
  passed,
  unparsed,
  damaged,
  limits,
}: TraceReport): Generator<string> {
  const { events, allowed, forbidden, unknown, outOfScope, looseUsed, silentInserted } = summary;
  yield `${one(lines, 'line')}: ${one(events, 'event')} checked, ${allowed} allowed, ${forbidden} forbidden, ${unknown} unknown, ${outOfScope} out of scope; ${passed} with nothing to check, ${unparsed.count} not understood`;
  if (looseUsed > 0) yield `${one(looseUsed, 'failure')} for want of memory`;
  if (silentInserted > 0) yield `${one(silentInserted, 'call')} inserted that nobody logged`;
  if (damaged > 0)
    yield `${one(damaged, 'line')} that ${damaged === 1 ? 'was' : 'were'} meant for us could not be read: what ${damaged === 1 ? 'it' : 'they'} told is missing`;
  for (const limit of limits)
    yield `a limit was hit, so not everything was checked: ${ruleNamed(limit).says}`;
  if (events === 0) yield 'nothing was checked: that is not a pass';
  yield `rules of the calls that it came by: ${coverage.rules.covered} of ${coverage.rules.of}`;
}
