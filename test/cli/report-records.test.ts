import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgedLines } from '../../bench/live/judged-lines.ts';
import { casesOfProcessor, casesOfRecording } from '../../cli/report/from-record.ts';
import { countOf } from '../../cli/report/report.ts';
import { checkProcessor } from '../../oracle/processor/index.ts';

const golden = (name: string): readonly string[] =>
  readFileSync(join(import.meta.dirname, '../golden/records', name), 'utf8')
    .trim()
    .split('\n');
const outcomes = (cases: ReturnType<typeof casesOfProcessor>) =>
  (['failed', 'unknown', 'passed'] as const).map(outcome => countOf(cases, outcome));

test("a processor's record has a failed case for each cause, at the line that shows it first", () => {
  const lines = golden('intel-machine-sample.jsonl');
  const cases = casesOfProcessor(checkProcessor(lines), 'record');
  expect(outcomes(cases)).toEqual([10, 0, 1]);
  for (const { outcome, place, details } of cases.filter(one => one.outcome === 'failed')) {
    const shown = /^(\S+?): /.exec(details?.[0] ?? '')?.[1] ?? '';
    expect({ outcome, id: lines[(place?.line ?? 0) - 1]?.includes(`"id":"${shown}"`) }).toEqual({
      outcome: 'failed',
      id: true,
    });
  }
});

test('a record that breaks off, or holds nothing, is never passed alone', () => {
  const [first = '', ...rest] = golden('intel-machine-sample.jsonl');
  const agreeing = rest.filter(line => checkProcessor([first, line]).agree === 1).slice(0, 3);
  expect(outcomes(casesOfProcessor(checkProcessor([first, ...agreeing]), 'record'))).toEqual([0, 1, 1]);
  const end = '{"done":0,"leftOut":{}}';
  expect(outcomes(casesOfProcessor(checkProcessor([first, end]), 'record'))).toEqual([0, 1, 0]);
  const schema = '{"schema":"pkvm-arm64-live-record/1"}';
  expect(outcomes(casesOfRecording(judgedLines([schema], 'arm64-mainline'), 'record'))).toEqual([0, 1, 0]);
});

test('a recording has a case for each finding at its line, and one for what is allowed', () => {
  const lines = golden('pkvm-2026-sample.jsonl');
  expect(outcomes(casesOfRecording(judgedLines(lines, 'x86-2026'), 'calls'))).toEqual([0, 0, 1]);
  const strict = judgedLines(lines, 'x86-2026-strict');
  const cases = casesOfRecording(strict, 'calls');
  expect(outcomes(cases)).toEqual([strict.forbidden.length, 0, 1]);
  expect(cases[0]?.place).toEqual({ file: 'calls', line: strict.forbidden[0]?.line });
});
