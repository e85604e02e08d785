import type { LoggedEvent } from '../../evidence/paste/index.ts';
import { normative } from '../implementations/index.ts';
import type { Verdict } from '../step/index.ts';
import { type Finding, TraceChecker, type TraceReport } from '../trace/index.ts';
import type { Conclusion } from './conclusion.ts';

/** How many findings are told; `oracle check` has the others. */
const maxTold = 8;

/** The events of a log, each held against the specification as `oracle check` does it. */
export function concludeEvents(events: readonly LoggedEvent[]): readonly Conclusion[] {
  const [first] = events;
  if (first === undefined) return [];
  const checker = new TraceChecker({ implementation: normative, format: 'log' });
  for (const { line, text, read } of events) checker.take(read, { line, text });
  const report = checker.report();
  if (report.summary.events === 0) return [];
  const { allowed, forbidden, unknown, outOfScope } = report.summary;
  return [
    {
      about: `the events from line ${first.line} on, as oracle check judges them`,
      verdict: verdictOf(report),
      lines: [
        `${allowed} allowed, ${forbidden} forbidden, ${unknown} unknown, ${outOfScope} out of scope`,
        ...report.forbidden.slice(0, maxTold).map(told),
        ...report.unknown.slice(0, maxTold).map(told),
        ...report.unparsed.first.map(({ line, why }) => `line ${line}: not understood: ${why}`),
      ],
    },
  ];
}

/** What is not known is unknown, whatever else is allowed. */
function verdictOf({ summary, unparsed, limits }: TraceReport): Conclusion['verdict'] {
  if (summary.forbidden > 0) return 'forbidden';
  if (summary.unknown > 0 || unparsed.count > 0 || limits.length > 0) return 'unknown';
  return summary.allowed > 0 ? 'allowed' : 'out of scope';
}

const told = ({ line, verdict }: Finding): string =>
  `line ${line}: ${verdict.verdict} by ${verdict.rule}: ${verdict.why}${differencesOf(verdict)}`;

const differencesOf = ({ differences }: Verdict): string =>
  differences.map(({ at, observed, allowed }) => `; ${at} was ${observed}, allowed ${allowed}`).join('');
