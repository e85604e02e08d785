import { DOMParser } from '@xmldom/xmldom';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { toGithub } from '../../cli/report/github.ts';
import { toJunit } from '../../cli/report/junit.ts';
import type { Case } from '../../cli/report/report.ts';
import { toSarif } from '../../cli/report/sarif.ts';
import { toTap } from '../../cli/report/tap.ts';
import { pagewarden } from './run.ts';

/** Texts with what each form must escape: markup, line breaks, control characters, directives, commands. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    'a]]>b',
    'x\n::error::y',
    '# TODO',
    '</failure>',
    'a%0Ab',
    '100 %, a:b',
    'not ok 1',
    '\u0000\u001b[31m',
  ),
);
const aCase: fc.Arbitrary<Case> = fc.record(
  {
    suite: text,
    name: text,
    rule: text,
    outcome: fc.constantFrom('passed', 'failed', 'unknown'),
    message: text,
    details: fc.array(text, { maxLength: 3 }),
    source: text,
    place: fc.record({ file: text, line: fc.integer({ min: 1, max: 99 }) }, { requiredKeys: ['file'] }),
  },
  { requiredKeys: ['suite', 'name', 'rule', 'outcome'] },
);
const cases = fc.array(aCase, { maxLength: 8 });
const countOf = (all: readonly Case[], outcome: Case['outcome']): number =>
  all.filter(one => one.outcome === outcome).length;

/** What SARIF 2.1.0 requires of what is written here: the required properties and the words of its enumerations. */
const sarif = z.looseObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: z.strictObject({ text: z.string() }),
              help: z.strictObject({ text: z.string() }).optional(),
            }),
          ),
        }),
      }),
      invocations: z.array(z.strictObject({ executionSuccessful: z.boolean() })),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          kind: z.enum(['fail', 'open']),
          level: z.enum(['error', 'none']),
          message: z.strictObject({ text: z.string() }),
          locations: z.array(z.looseObject({})).length(1),
        }),
      ),
    }),
  ),
});

describe('a report says of every case how it went, whatever is written in it', () => {
  test('JUnit: well-formed, failures and errors counted', () => {
    fc.assert(
      fc.property(cases, all => {
        const complaints: string[] = [];
        const parser = new DOMParser({ onError: (_, message) => complaints.push(message) });
        const xml = parser.parseFromString(toJunit({ tool: 't', cases: all }), 'text/xml');
        expect(complaints).toEqual([]);
        expect(xml.getElementsByTagName('testcase').length).toBe(all.length);
        expect(xml.getElementsByTagName('failure').length).toBe(countOf(all, 'failed'));
        expect(xml.getElementsByTagName('error').length).toBe(countOf(all, 'unknown'));
        expect(xml.documentElement?.getAttribute('failures')).toBe(String(countOf(all, 'failed')));
      }),
    );
  });

  test('SARIF: of its shape, a result for each that did not pass, at its rule', () => {
    fc.assert(
      fc.property(cases, all => {
        const { runs } = sarif.parse(JSON.parse(toSarif({ tool: 't', cases: all })));
        const [run] = runs;
        expect(run?.results.length).toBe(all.length - countOf(all, 'passed'));
        for (const { ruleId, ruleIndex } of run?.results ?? [])
          expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
        expect(run?.invocations[0]?.executionSuccessful).toBe(countOf(all, 'unknown') === 0);
      }),
    );
  });

  test('GitHub: one command a case that did not pass, and no text makes another', () => {
    fc.assert(
      fc.property(cases, all => {
        const lines = toGithub({ tool: 't', cases: all }).split('\n');
        expect(lines).toHaveLength(all.length - countOf(all, 'passed') + 1);
        expect(lines.filter(line => line.startsWith('::error '))).toHaveLength(countOf(all, 'failed'));
      }),
    );
  });

  test('TAP: planned, one line a case, and no directive makes a failure pass', () => {
    fc.assert(
      fc.property(cases, all => {
        const lines = toTap({ tool: 't', cases: all }).split('\n');
        expect(lines[1]).toBe(`1..${all.length}`);
        const points = lines.filter(line => /^(?:not )?ok \d+ - /.test(line));
        expect(points.map(line => line.startsWith('ok'))).toEqual(
          all.map(({ outcome }) => outcome === 'passed'),
        );
        for (const point of points) expect(point).not.toMatch(/(?<!\\)#/);
      }),
    );
  });
});

describe('--report', () => {
  test('of a violation: the sentence, its path and its source, and the exit code as ever', async () => {
    const args = ['check', 'ownership', '--profile', '2p2g2k', '--mutant', 'B2', '--report', 'junit'];
    const { code, stdout } = await pagewarden(...args);
    expect(code).toBe(12);
    expect(stdout).toMatch(/<failure type="I1" message="violated after 2 steps/);
    expect(stdout).toMatch(
      /hyp_donate_host\(hpa=0x3000, size=0x1000\) -&gt; 0[^]*source: facts\/pkvm.md 4, I1/,
    );
  });

  test('of a run that was cut short: nothing passes that is not known', async () => {
    const args = ['check', 'ownership', '--profile', '2p2g2k', '--max-states', '20', '--report', 'tap'];
    const { code, stdout } = await pagewarden(...args);
    expect(code).toBe(30);
    expect(stdout).toContain('severity: unknown');
    expect(stdout).not.toMatch(/^ok .*I1/m);
  });

  test('of a log: an annotation at the line of the forbidden call', async () => {
    const log = 'test/golden/logs/ftrace.txt';
    const { code, stdout } = await pagewarden('oracle', 'check', log, '--report', 'github');
    expect(code).toBe(16);
    expect(stdout).toContain(`::error title=${log}%3A donate.request.hyp.state,file=${log},line=13::`);
  });

  test('of mutants and of a dump', async () => {
    const mutants = await pagewarden('mutants', 'vp-assist-page', '--report', 'tap');
    expect(mutants).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ok 2 - vp-assist-page: before'),
    });
    const tables = ['--mem', 'examples/tables.txt', '--host-ept', '0x10001e', '--ram', '0x0-0x200000'];
    const audit = await pagewarden('audit', ...tables, '--guest', '2=0x10401e', '--report', 'sarif');
    expect(sarif.parse(JSON.parse(audit.stdout)).runs[0]?.results[0]?.ruleId).toMatch(/^I\d/);
  });

  test('and --json are two forms of one output', async () => {
    const { code, stderr } = await pagewarden('check', 'vp-assist-page', '--report', 'tap', '--json');
    expect([code, stderr]).toEqual([1, expect.stringContaining('choose one')]);
  });
});
