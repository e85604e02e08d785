import { expect, test } from 'vitest';
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
  seconds: 68,
};

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
