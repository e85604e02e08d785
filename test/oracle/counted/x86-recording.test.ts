import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  checkRecording,
  countedImplementationNamed,
  recordingFormatOf,
  type RecordingReport,
} from '../../../oracle/counted/index.ts';

/** Recorded on the running page-state code: facts/pkvm-2026.md 4. */
const lines = readFileSync(join(import.meta.dirname, '../../golden/records/pkvm-2026-sample.jsonl'), 'utf8')
  .trim()
  .split('\n');
const [header = '', ...sequences] = lines;

/** What a test changes in a recorded call. */
interface Call {
  readonly op: string;
  ret: number | null | 'BUG';
  flush?: unknown[];
  wipe?: unknown[];
  warn?: number;
  need_mc?: number;
  s: { p: number[][]; g: [string, number][][]; m: [string, number][]; mc: number[][] };
}

function check(given: readonly string[], name: string): RecordingReport {
  const format = recordingFormatOf(given[0] ?? '');
  const implementation = countedImplementationNamed(name);
  if (format === undefined || implementation === undefined) throw new Error('no recording of that kind');
  return checkRecording(given, format, implementation);
}

/** The first sequence with a call that `spoil` takes, with that call spoilt. */
function spoilt(spoil: (call: Call) => boolean): readonly string[] {
  for (const line of sequences) {
    const sequence = JSON.parse(line) as { calls: Call[] };
    if (sequence.calls.some(spoil)) return [header, JSON.stringify(sequence)];
  }
  throw new Error('no call is like that');
}

const ruleOfFirst = ({ forbidden: [finding] }: RecordingReport): string | undefined =>
  finding?.verdict.rule.name;

test('every recorded call is explained: result, records, leaf words, flushes, wipes, table memory', () => {
  const { summary, unparsed } = check(lines, 'x86-2026');
  expect(summary).toEqual({ events: 1209, allowed: 1209, forbidden: 0, unknown: 0 });
  expect(unparsed.count).toBe(0);
});

test('the strict reading differs in the two calls that a missing table page left half done, and names them', () => {
  const { summary, known } = check(lines, 'x86-2026-strict');
  expect(summary).toMatchObject({ allowed: 1207, forbidden: 2 });
  expect(known).toEqual({ B54: 1, B55: 1 });
});

test('a file without its first line is held against the world that the facts describe', () => {
  expect(check(sequences.slice(0, 3), 'x86-2026').summary.forbidden).toBe(0);
});

test.each<readonly [string, string, (call: Call) => boolean]>([
  [
    'a refusal told as success',
    'leaf.state',
    call => call.op === 'guest_share_host' && call.ret === -1 && (call.ret = 0) === 0,
  ],
  [
    'a success told as a refusal',
    'complete',
    call => call.op === 'host_share_guest' && call.ret === 0 && (call.ret = -1) === -1,
  ],
  ['a panic told as a return', 'page.state', call => call.ret === 'BUG' && (call.ret = null) === null],
  [
    'a count off by one',
    'record.guest_share',
    ({ op, ret, s }) => {
      const page = s.p.find(([state, , , shares]) => state === 2 && shares === 2);
      if (op !== 'host_share_guest' || ret !== 0 || page === undefined) return false;
      page[3] = 3;
      return true;
    },
  ],
  [
    'a pin that is not recorded',
    'record.pin',
    ({ op, ret, s }) => {
      const page = s.p.find(([, , , , pins]) => pins === 1);
      if (op !== 'host_use_dma' || ret !== 0 || page === undefined) return false;
      page[4] = 0;
      return true;
    },
  ],
  [
    'a leaf that keeps its state',
    'guest.mark',
    ({ op, ret, s }) => {
      const leaf = s.g[2]?.find(([word]) => word.startsWith('2000000'));
      if (op !== 'guest_share_host' || ret !== 0 || leaf === undefined) return false;
      leaf[0] = leaf[0].replace('2', '1');
      return true;
    },
  ],
  [
    'a flush that is not made',
    'flush',
    call => {
      if (call.op !== 'host_unshare_guest' || call.flush === undefined) return false;
      call.flush = call.flush.slice(1);
      return true;
    },
  ],
  [
    'a page that comes back unwiped',
    'memory.wipe',
    call => {
      if (call.op !== 'vm_teardown' || call.wipe === undefined) return false;
      call.wipe = call.wipe.slice(1);
      return true;
    },
  ],
  [
    'a warning that is not printed',
    'vm.protected',
    call => {
      if (call.op !== 'host_donate_guest' || call.warn !== 1) return false;
      call.warn = 0;
      return true;
    },
  ],
  [
    'one page less asked for than splitting could need',
    'memcache.pages',
    call => call.need_mc === 9 && (call.need_mc = 8) === 8,
  ],
  [
    'a refused call that changes a page',
    'unchanged',
    ({ op, ret, s }) => {
      const [page] = s.p;
      if (op !== 'host_donate_hyp' || ret !== -1 || page === undefined) return false;
      page[0] = page[0] === 0 ? 1 : 0;
      return true;
    },
  ],
])('%s is forbidden by the rule that says so: %s', (_, rule, spoil) => {
  const report = check(spoilt(spoil), 'x86-2026');
  expect(report.summary.forbidden).toBeGreaterThan(0);
  expect(ruleOfFirst(report)).toContain(rule);
});

test('one spoilt call does not spoil the rest: the check goes on from what was observed', () => {
  const given = spoilt(call => call.op === 'host_share_hyp' && call.ret === 0 && (call.ret = -1) === -1);
  const [, line = ''] = given;
  const wrong = (JSON.parse(line) as { calls: Call[] }).calls.filter(
    ({ op, ret }) => op === 'host_share_hyp' && ret === -1,
  );
  const { summary, forbidden } = check(given, 'x86-2026');
  expect(forbidden.every(({ verdict }) => verdict.operation === 'host_share_hyp')).toBe(true);
  expect(summary.forbidden).toBeLessThanOrEqual(wrong.length);
});

test('a line that is no sequence is told by its path, and is not passed', () => {
  const { unparsed, summary } = check(
    [header, '{"id":1,"calls":[{"op":"host_steal"}]}', 'nonsense'],
    'x86-2026',
  );
  expect(unparsed.first.map(({ line, why }) => [line, why.split(':')[0]])).toEqual([
    [2, 'init'],
    [3, 'not a JSON object'],
  ]);
  expect(summary.events).toBe(0);
});
