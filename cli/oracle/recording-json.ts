import type { RecordingFinding, RecordingReport } from '../../oracle/counted/index.ts';

const findingJson = ({ line, call, text, verdict }: RecordingFinding) => {
  const { rule, why, differences, known, operation } = verdict;
  return {
    line,
    call,
    text,
    verdict: verdict.verdict,
    operation,
    rule: rule.name,
    says: rule.says,
    source: rule.source,
    why,
    differences,
    ...(known === undefined ? {} : { known }),
  };
};

/** The report on a recording as one JSON object; a contract. */
export const recordingJson = (report: RecordingReport): Record<string, unknown> => ({
  ...report,
  passed: 0,
  forbidden: report.forbidden.map(findingJson),
  unknown: report.unknown.map(findingJson),
});
