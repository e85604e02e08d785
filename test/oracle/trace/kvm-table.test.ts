import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRight, kvmLines, runsIn, verdictOnRun } from '../../../bench/machine/linux/kvm-runs.ts';
import { readings, rulesWith } from '../../../model/ept/index.ts';
import { agreementOf, TracedTable } from '../../../oracle/trace/kvm-table.ts';

/** KVM of Debian's 6.1 on an emulated processor, two vCPUs; 1 with accessed and dirty flags, 2 without: facts/intel-machine.md 2. */
const golden = (run: number, what: 'trace' | 'ept'): readonly string[] =>
  readFileSync(join(import.meta.dirname, `../../golden/logs/kvm-table-${run}.${what}.txt`), 'utf8').split(
    '\n',
  );

/** What the program on the machine prints of a run. */
const printed = (run: number, trace = golden(run, 'trace')): readonly string[] => [
  `# run ${run === 1 ? '' : 'pml=0 eptad=0'}`,
  '# trace begin',
  ...trace,
  '# trace end',
  '# tables begin',
  ...golden(run, 'ept'),
  '# tables end',
  '# done',
];
const verdict = (run: number, trace?: readonly string[]) => {
  const [only] = runsIn(printed(run, trace)).map(verdictOnRun);
  return only ?? expect.fail();
};

test('every exit is what the whole walk over the words of the trace says, or what this emulator is known for', () => {
  // "23 of 28 EPT exits agree bit for bit; 5 are 0x82 against 0x83"; "Run 2: 32 of 32"
  expect(verdict(1)).toMatchObject({ exits: 28, agree: 23, known: 5, different: [], notUnderstood: 0 });
  expect(verdict(2)).toMatchObject({ exits: 32, agree: 32, known: 0, different: [], notUnderstood: 0 });
});

test('the table of the trace and that of memory agree word by word', () => {
  for (const run of [1, 2]) expect(verdict(run).table).toEqual({ equal: 27, flagsOnly: 0, different: [] });
});

test('nothing of either trace is unknown, and what is as specified passes', () => {
  expect(verdict(1).oracle).toMatchObject({ allowed: 39, unknown: 0, forbidden: 0 });
  // four more than leaves alone: what fast_page_fault has fixed
  expect(verdict(2).oracle).toMatchObject({ allowed: 47, unknown: 0, forbidden: 0 });
  expect([1, 2].map(run => isRight(verdict(run)))).toEqual([true, true]);
  expect([...kvmLines(verdict(2))].join('\n')).toContain('27 words equal in trace and memory');
});

describe('what is falsified is found', () => {
  const changed = (from: RegExp, to: string): readonly string[] => {
    const trace = [...golden(2, 'trace')];
    const at = trace.findLastIndex(line => from.test(line));
    expect(at).toBeGreaterThan(0);
    trace[at] = trace[at]?.replace(from, to) ?? '';
    return trace;
  };
  test('a word that was written otherwise', () => {
    const falsified = verdict(
      2,
      changed(/(spte_changed: .* level 1 .* new_spte [0-9a-f]+)[0-9a-f]{5}\b/, '$1f5877'),
    );
    expect(falsified.table.different).toHaveLength(1);
    expect(isRight(falsified)).toBe(false);
  });
  test('an exit that reports a right which the entries do not give', () => {
    const falsified = verdict(2, changed(/(reason EPT_VIOLATION .*info1 0x0*)181/, '$1189'));
    expect(falsified).toMatchObject({
      exits: 32,
      agree: 31,
      different: [expect.stringMatching(/EPT_VIOLATION/)],
    });
    expect(isRight(falsified)).toBe(false);
  });
  test('a line that is missing', () => {
    const trace = golden(2, 'trace').filter(line => !/level 2 old_spte 0 new_spte/.test(line));
    expect(isRight(verdict(2, trace))).toBe(false);
  });
});

test('without a root nothing is walked, and a word without a table is counted', () => {
  const table = new TracedTable({ maxphyaddr: 40, accessedDirty: false });
  for (const line of golden(2, 'trace').filter(text => !text.includes('root='))) table.line(line);
  expect(table.root).toBeUndefined();
  expect(table.exits).toEqual([]);
  expect(table.unplaced).toBeGreaterThan(20);
});

test('flags that the processor sets are no difference, and another reading is another walk', () => {
  const reading = readings.filter(({ name }) => name === 'page-walk-write-bit-only');
  const table = new TracedTable({ maxphyaddr: 40, accessedDirty: true }, rulesWith(reading));
  for (const line of golden(1, 'trace')) table.line(line);
  expect(table.exits.every(({ agrees }) => agrees)).toBe(true);
  const used = (address: bigint): bigint => (table.words.get(address) ?? 0n) | 0x100n;
  expect(agreementOf(table, used)).toMatchObject({ different: [] });
});

test.each([
  [['# run ', '# failed: /dev/kvm'], /\/dev\/kvm/],
  [['# run ', '# trace begin'], /never got to the end/],
])('a machine that did not get to the end is no verdict', (lines, why) => {
  expect(() => runsIn(lines)).toThrow(why);
});
