import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readIntelMachineHeader } from '../../../evidence/records/intel-machine.ts';
import { causes, rulesOf } from '../../../oracle/processor/causes.ts';
import { checkProcessor, type ProcessorReport } from '../../../oracle/processor/index.ts';
import { verdictOn } from '../../../bench/machine/expected-differences.ts';
import { bootCases, bootPlaces } from '../../../suites/boot/index.ts';
import { pretendedLine } from './pretend.ts';

/** Printed by the test hypervisor on Debian's Bochs 2.7, corei7_icelake_u: about one VM entry in thirty. */
const sample = readFileSync(
  join(import.meta.dirname, '../../golden/records/intel-machine-sample.jsonl'),
  'utf8',
)
  .trim()
  .split('\n');
const [first = '', ...rest] = sample;
const end = rest.at(-1) ?? '';

const found = ({ groups }: ProcessorReport): Record<string, number> =>
  Object.fromEntries(
    groups.map(group => [group.causes.map(({ name }) => name).join(' with '), group.entries.length]),
  );

test('what an emulator did is explained by its known faults, and everything else is as specified', () => {
  const report = checkProcessor(sample);
  // each of the ten groups by its first and last VM entry, some more by chance
  expect(found(report)).toEqual({
    'odd-bits-unchecked': 5,
    'page-walk-write-bit-only': 4,
    'unreadable-page-eligible': 3,
    'first-sub-page-only': 3,
    'guest-flag-update-unchecked': 3,
    'bit-12-of-large-page-unchecked': 2,
    'log-address-unaligned': 2,
    'granted-page-kept-writable': 2,
    'log-full-at-any-access': 2,
    'unreadable-page-eligible with first-sub-page-only': 2,
  });
  expect(report).toMatchObject({ entries: 90, agree: 62, unparsed: [], problems: [] });
  expect(report.end?.leftOut).toEqual({ control: 48, width: 0 });
});

test('what is known of a version passes, and one unknown difference more does not', () => {
  const report = checkProcessor(sample);
  expect(verdictOn(report, '2.7')).toMatchObject({ others: [], unseen: [] });
  expect(verdictOn(report, '3.0').others.map(({ causes: [cause] }) => cause?.name)).toContain(
    'odd-bits-unchecked',
  );
  expect(verdictOn(report, '9.9').others).toHaveLength(10);
  const group = { causes: [], entries: [], contradicted: 0 };
  const more = { ...report, groups: [...report.groups, group] };
  expect(verdictOn(more, '2.7').others).toEqual([group]);
});

test('an emulator greets before the record, and its own lines are none of it', () => {
  const report = checkProcessor(['====', 'Next at t=0', first, '(0) [0x0000]', ...rest]);
  expect(report).toMatchObject({ entries: 90, agree: 62, unparsed: [] });
});

describe('a processor that departs in one way is told by it', () => {
  const header = readIntelMachineHeader(JSON.parse(first));
  if (!header.ok) throw new Error(header.why);
  // without the varied entries under the processors without SPP: half the time, all causes
  const cases = bootCases(bootPlaces).cases.filter(({ id }) => !id.startsWith('no-spp'));
  const pretended = (names: readonly string[]): readonly string[] => {
    const rules = rulesOf(causes.filter(({ name }) => names.includes(name)));
    return [first, ...cases.map(one => pretendedLine(one, header.value, rules)), end];
  };

  test('none: all is as specified', () => {
    const report = checkProcessor(pretended([]));
    expect(report).toMatchObject({ agree: cases.length, groups: [], unparsed: [] });
  });

  test.each([
    'leaf-write-bit',
    'first-sub-page-only',
    'reserved-before-valid',
    'own-odd-bits-only',
    'zero-vector-misses',
    'granted-page-kept-writable',
    'log-index-not-decremented',
    've-info-overwritten',
  ])('%s', name => {
    const report = checkProcessor(pretended([name]));
    expect(Object.keys(found(report))).toEqual([name]);
    expect(report.groups.map(({ contradicted }) => contradicted)).toEqual([0]);
  });

  test('in two ways: each has its own group', () => {
    const report = checkProcessor(pretended(['first-sub-page-only', 'zero-vector-misses']));
    expect(Object.keys(found(report)).slice(0, 2).sort()).toEqual([
      'first-sub-page-only',
      'zero-vector-misses',
    ]);
    expect(report.groups.every(group => group.causes.length > 0)).toBe(true);
  });
});

describe('what is different and nothing known explains is said as it is', () => {
  const allowed =
    rest.find(
      text =>
        text.includes('"spp":true') &&
        text.includes('"reason":18,') &&
        checkProcessor([first, text]).agree === 1,
    ) ?? '';
  const changed = (change: (observed: Record<string, unknown>) => void): ProcessorReport => {
    const line = JSON.parse(allowed) as { observed: Record<string, unknown> };
    change(line.observed);
    return checkProcessor([first, JSON.stringify(line), end]);
  };
  test.each<[string, (observed: Record<string, unknown>) => void]>([
    ['outcome', observed => (observed.reason = 2)],
    ['outcome', observed => (observed.entryFailure = true)],
    ['stored', observed => (observed.stored = ['0x230000'])],
    ['word 0x223038', observed => (observed.after = { '0x223038': '0x1' })],
  ])('%s', (at, change) => {
    const { groups } = changed(change);
    expect(groups).toMatchObject([{ causes: [], entries: [{ differences: [{ at }] }] }]);
  });
});

describe('a record that is not whole', () => {
  const small = rest.find(text => text.includes('"size":1') && text.includes('"controls":{}')) ?? '';
  test('breaks off: what it holds is judged, its end is missing, the cut line is not understood', () => {
    const report = checkProcessor([first, ...rest.slice(0, 20), (rest[20] ?? '').slice(0, 100)]);
    expect(report).toMatchObject({ entries: 20, end: undefined, unparsed: [{ line: 22 }] });
  });

  test('has no first line', () => {
    const report = checkProcessor(rest.slice(0, 1));
    expect(report).toMatchObject({ entries: 0, processor: undefined, unparsed: [{ line: 1 }] });
  });

  test('holds what the hypervisor says of its machine', () => {
    const report = checkProcessor([first, '{"error":"the processor has no VMX"}']);
    expect(report).toMatchObject({ entries: 0, problems: ['the processor has no VMX'] });
  });

  test.each([
    ['{"id":1}', 'id'],
    ['{"id":"x","eptp":"0x1g"}', 'eptp'],
    [small.replace('"size":1', '"size":9'), 'access.size'],
    [small.replace('"controls":{', '"controls":{"sppp":true'), 'controls'],
  ])('a line of another form is named: %s', (line, where) => {
    const [why] = checkProcessor([first, line]).unparsed;
    expect(why?.why).toContain(where);
  });
});
