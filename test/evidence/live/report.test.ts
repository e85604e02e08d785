import { expect, test } from 'vitest';
import { judgedLines } from '../../../bench/live/judged-lines.ts';
import { exitOf, type LiveReport, reportJson, reportLines } from '../../../bench/live/report.ts';

const phase = {
  name: 'normal-0-before',
  pages: 4,
  leaves: 4,
  owned: { host: 4 },
  anomalies: [],
  unknown: [],
  fetched: 2,
};
const report: LiveReport = {
  kernel: '7.3.4',
  cpu: 'cortex-a72',
  mode: 'Protected nVHE mode initialized successfully',
  phases: [phase],
  seeded: { page: '0x1000', found: ['0x1000: owned twice'], isFound: true },
  calls: [{ seq: 1, fn: '__pkvm_host_share_hyp', args: { pfn: 0x44216n }, ret: 0 }],
  missing: [],
  conformance: [],
  trace: undefined,
  seconds: 68,
};
const judged = {
  ...judgedLines(['{"schema":"pkvm-arm64-live-record/1"}'], 'arm64-mainline'),
  summary: { events: 2, allowed: 1, forbidden: 1, unknown: 0 },
};
const run = { vm: 'normal', calls: 300, seconds: 1, left: [], lines: [], report: judged } as const;

test('the report of a run on a machine is JSON, its arguments hex strings', () => {
  expect(JSON.parse(JSON.stringify(reportJson(report)))).toMatchObject({
    calls: [{ seq: 1, fn: '__pkvm_host_share_hyp', pfn: '0x44216', ret: 0 }],
  });
  expect([...reportLines(report)].join('\n')).toContain('1 calls followed: __pkvm_host_share_hyp 1');
});

test('an anomaly or a violation that was not found is 16, a phase that was not seen whole 3, none at all 3', () => {
  expect(exitOf(report)).toBe(0);
  expect(exitOf({ ...report, phases: [{ ...phase, anomalies: ['0x1000: owned twice'] }] })).toBe(16);
  expect(exitOf({ ...report, seeded: { page: '0x1000', found: [], isFound: false } })).toBe(16);
  expect(exitOf({ ...report, phases: [{ ...phase, unknown: ['a leaf is held by a call'] }] })).toBe(3);
  expect(exitOf({ ...report, phases: [] })).toBe(3);
  expect(exitOf({ ...report, seeded: undefined })).toBe(3);
});

test('a call that the model forbids, or a page that was not put back, is 16; a call that nobody can judge 3', () => {
  const allowed = { ...judged, summary: { ...judged.summary, forbidden: 0 } };
  const unknown = { ...allowed, summary: { ...allowed.summary, unknown: 1 } };
  expect(exitOf({ ...report, trace: judged })).toBe(16);
  expect(exitOf({ ...report, trace: unknown })).toBe(3);
  expect(exitOf({ ...report, trace: allowed, conformance: [{ ...run, report: allowed }] })).toBe(0);
  expect(exitOf({ ...report, conformance: [run] })).toBe(16);
  expect(exitOf({ ...report, conformance: [{ ...run, report: allowed, left: ['page A'] }] })).toBe(16);
  const text = [...reportLines({ ...report, conformance: [{ ...run, left: ['page A'] }] })].join('\n');
  expect(text).toContain('LEFT BEHIND: page A');
});
