import { errnoName } from '../../model/pkvm/index.ts';
import type { Finding, TraceReport } from '../../oracle/trace/index.ts';
import { ruleNamed, type Verdict } from '../../oracle/step/index.ts';
import { callJson } from './report-json.ts';

const one = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The report of `oracle check` for a person, line by line. */
export function* reportText(report: TraceReport, name: string): Generator<string> {
  for (const finding of report.forbidden) yield* findingText(finding, name);
  if (report.more > 0) yield `and ${report.more} more that are forbidden`;
  yield* unknownText(report, name);
  yield* unparsedText(report, name);
  yield* summaryText(report);
}

function* findingText(
  { line, text, verdict, reproduction, implementations }: Finding,
  name: string,
): Generator<string> {
  const { says } = ruleNamed(verdict.rule);
  yield `${name}:${line}: forbidden by ${verdict.rule}: ${says}`;
  yield `  ${text.trim().slice(0, 160)}`;
  for (const { at, observed, allowed } of verdict.differences)
    yield `  ${at}: was ${observed}, allowed ${allowed}`;
  yield `  why: ${verdict.why}`;
  yield `  source: ${verdict.source}`;
  yield* allowedText(verdict);
  if (verdict.resync !== undefined) {
    yield verdict.resync.assumed === 'observed'
      ? `  going on from the ${one(verdict.resync.leaves, 'leaf').replace('leafs', 'leaves')} that were observed`
      : `  going on as if it had returned ${errnoName(verdict.resync.ret)}`;
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
  yield '';
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

function* summaryText({ summary, coverage, lines, passed, unparsed }: TraceReport): Generator<string> {
  const { events, allowed, forbidden, unknown, outOfScope, looseUsed, silentInserted } = summary;
  yield `${one(lines, 'line')}: ${one(events, 'event')} checked, ${allowed} allowed, ${forbidden} forbidden, ${unknown} unknown, ${outOfScope} out of scope; ${passed} with nothing to check, ${unparsed.count} not understood`;
  if (looseUsed > 0) yield `${one(looseUsed, 'failure')} for want of memory`;
  if (silentInserted > 0) yield `${one(silentInserted, 'call')} inserted that nobody logged`;
  if (events === 0) yield 'nothing was checked: that is not a pass';
  yield `rules of the calls that it came by: ${coverage.rules.covered} of ${coverage.rules.of}`;
}
