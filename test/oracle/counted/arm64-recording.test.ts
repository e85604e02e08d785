import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  checkRecording,
  countedImplementationNamed,
  recordingFormatOf,
  type RecordingReport,
} from '../../../oracle/counted/index.ts';

/** Recorded on the running hypervisor of 7.3.4: facts/arm64-record.md. */
const file = join(import.meta.dirname, '../../golden/records/arm64-calls-7.3.4-record-sample.jsonl');
const lines = readFileSync(file, 'utf8').trim().split('\n');
const [header = '', ...sequences] = lines;

interface Call {
  readonly op: string;
  ret: number | null;
  d?: Record<string, unknown>;
  wiped?: unknown[];
}

function check(given: readonly string[], name: string): RecordingReport {
  const format = recordingFormatOf(given[0] ?? '');
  const implementation = countedImplementationNamed(name);
  if (format === undefined || implementation === undefined) throw new Error('no recording of that kind');
  return checkRecording(given, format, implementation);
}

function spoilt(spoil: (call: Call) => boolean, run = 'np'): readonly string[] {
  for (const line of sequences) {
    const sequence = JSON.parse(line) as { run: string; calls: Call[] };
    if (sequence.run === run && sequence.calls.some(spoil)) return [header, JSON.stringify(sequence)];
  }
  throw new Error('no call is like that');
}

test('every recorded call is explained, but for six that rest on pages and frames of sequences left out of the sample', () => {
  const { summary, unparsed, unknown } = check(lines, 'arm64-mainline');
  expect(summary).toEqual({ events: 1654, allowed: 1648, forbidden: 0, unknown: 6 });
  expect(unparsed.count).toBe(0);
  expect(unknown.every(({ verdict }) => verdict.why.startsWith('nobody has observed'))).toBe(true);
});

test('what ran is not 6.12: its calls on guests are forbidden', () => {
  const { forbidden } = check(lines.slice(0, 8), 'arm64-6.12');
  expect(forbidden.map(({ verdict }) => verdict.rule.name)).toContain('operation');
});

test('the strict reading differs nowhere but where a share with the secure world is taken back that never was', () => {
  const { forbidden } = check(lines, 'arm64-mainline-strict');
  expect([...new Set(forbidden.map(({ verdict }) => verdict.rule.name))]).toEqual(['page.ffa']);
});

test.each<readonly [string, string, (call: Call) => boolean]>([
  [
    'a success told as a refusal',
    'complete',
    call => call.op === 'host_share_hyp' && call.ret === 0 && (call.ret = -1) === -1,
  ],
  [
    'another error number',
    'leaf.valid',
    call => call.op === 'host_unshare_guest' && call.ret === -2 && (call.ret = -1) === -1,
  ],
  [
    'a change that is not made',
    'record.hyp, record.host',
    call => {
      if (call.op !== 'host_share_hyp' || call.ret !== 0) return false;
      delete call.d;
      return true;
    },
  ],
  [
    'a leaf with a right too many',
    'guest.map',
    call => {
      const leaf = Object.entries(call.d ?? {}).find(([key]) => /^P\d$/.test(key))?.[1] as
        [string] | undefined;
      if (call.op !== 'host_donate_guest' || call.ret !== 0 || leaf === undefined) return false;
      leaf[0] = leaf[0].replace('7ff', '3ff');
      return true;
    },
  ],
  [
    'a table that is not accounted for',
    'tables',
    call => {
      if (call.op !== 'host_donate_guest' || typeof call.d?.tP !== 'number') return false;
      call.d.tP += 1;
      return true;
    },
  ],
])('%s is forbidden by the rule that says so: %s', (_, rule, spoil) => {
  const [first] = check(spoilt(spoil), 'arm64-mainline').forbidden;
  expect(first?.verdict.rule.name).toBe(rule);
});

test('a page that comes back unwiped is forbidden where the emulator wipes the right one', () => {
  const given = spoilt(call => {
    if (call.op !== 'host_reclaim_page_guest' || call.wiped === undefined) return false;
    delete call.wiped;
    return true;
  }, 'a72');
  const [first] = check(given, 'arm64-mainline').forbidden;
  expect(first?.verdict.rule.name).toBe('memory.wipe');
});

test('an implementation of another machine is refused', () => {
  expect(() => check(lines.slice(0, 2), 'x86-2026')).toThrow(RangeError);
});
