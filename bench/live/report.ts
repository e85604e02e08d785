import { Exit, type ExitCode } from '../../cli/exit.ts';
import { type PkvmCall, pkvmCallJson } from '../../evidence/live/index.ts';
import type { Phase, Seeded } from './audited-lives.ts';
import type { RecordingReport } from '../../oracle/counted/index.ts';
import { recordingJson } from '../../cli/oracle/recording-json.ts';
import { recordingText } from '../../cli/oracle/recording-text.ts';
import type { ConformedRun } from './conformed.ts';

/** What a run found. */
export interface LiveReport {
  readonly kernel: string;
  readonly cpu: string;
  /** What the kernel says of how it runs at EL2. */
  readonly mode: string;
  readonly phases: readonly Phase[];
  readonly seeded: Seeded | undefined;
  readonly conformance: readonly ConformedRun[];
  /** What the oracle says of the calls that were followed; nothing where their states could not be observed. */
  readonly trace: RecordingReport | undefined;
  readonly calls: readonly PkvmCall[];
  /** Functions that the kernel lacks. */
  readonly missing: readonly string[];
  readonly seconds: number;
}

/**
 * 16 where a phase has an anomaly, the violation was not found, a call is forbidden or something was left behind; 3 where a
 * phase could not be seen whole, a call is unknown or no violation was made.
 */
export function exitOf({ phases, seeded, conformance, trace }: LiveReport): ExitCode {
  const judged = [...conformance.map(({ report }) => report), ...(trace === undefined ? [] : [trace])];
  const isWrong =
    phases.some(({ anomalies }) => anomalies.length > 0) ||
    seeded?.isFound === false ||
    judged.some(({ summary }) => summary.forbidden > 0) ||
    conformance.some(({ left }) => left.length > 0);
  if (isWrong) return Exit.forbidden;
  const isWhole =
    phases.length > 0 &&
    phases.every(({ unknown }) => unknown.length === 0) &&
    judged.every(({ summary, unparsed }) => summary.unknown + unparsed.count === 0);
  return isWhole && seeded !== undefined ? Exit.ok : Exit.unknown;
}

/** The report as JSON has it. */
export const reportJson = (report: LiveReport) => ({
  ...report,
  calls: report.calls.map(pkvmCallJson),
  conformance: report.conformance.map(({ lines: _lines, ...run }) => ({
    ...run,
    report: recordingJson(run.report),
  })),
  trace: report.trace && recordingJson(report.trace),
});

/** The report for a person. */
export function* reportLines(report: LiveReport): Generator<string> {
  const { kernel, cpu, mode, phases, seeded, calls, missing, seconds, conformance, trace } = report;
  yield `${kernel} on ${cpu}: ${mode}`;
  for (const { name, owned, anomalies, unknown } of phases) {
    const special = Object.entries(owned).filter(([owner]) => owner !== 'host');
    yield `  ${name}: ${special.map(([owner, pages]) => `${pages} ${owner}`).join('; ')}`;
    for (const anomaly of anomalies) yield `    ANOMALY ${anomaly}`;
    for (const line of unknown.slice(0, 5)) yield `    unknown: ${line}`;
  }
  if (seeded !== undefined)
    yield `a violation made by hand at ${seeded.page}: ${seeded.isFound ? 'found' : 'NOT FOUND'}: ${seeded.found.join(' | ')}`;
  for (const { vm, calls: made, seconds: took, left, report: judged } of conformance) {
    yield `${made} calls made by hand in the ${vm} life in ${took.toFixed(1)} s, ${(made / took).toFixed(0)} a second; ${left.length === 0 ? 'everything was put back' : `LEFT BEHIND: ${left.join(', ')}`}`;
    yield* recordingText(judged, `by hand, ${vm}`);
  }
  if (trace !== undefined) yield* recordingText(trace, 'the calls of both lives');
  const counts = new Map<string, number>();
  for (const { fn } of calls) counts.set(fn, (counts.get(fn) ?? 0) + 1);
  yield `${calls.length} calls followed: ${[...counts].map(([fn, count]) => `${fn} ${count}`).join(', ')}`;
  if (missing.length > 0) yield `functions that this kernel lacks: ${missing.join(', ')}`;
  yield `${seconds.toFixed(0)} s`;
}
