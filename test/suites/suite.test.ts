import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  covers,
  ownershipSuite,
  type Suite,
  suiteAsC,
  suiteAsJson,
  suiteAsKunit,
  suiteAsKvmUnitTest,
  suiteAsRust,
  suiteSchema,
  tourOf,
} from '../../suites/index.ts';
import { ownership } from '../../systems/ownership/index.ts';
import { hasGcc } from '../gcc.ts';

const parametersOf = (name: string) =>
  ownership.profiles.find(profile => profile.name === name)?.parameters ?? {};
const small = Object.fromEntries(
  covers.map(cover => [cover, ownershipSuite('1p1g1k', parametersOf('1p1g1k'), cover)]),
) as Record<(typeof covers)[number], Suite>;
const ranges = ownershipSuite('2p2g2k', parametersOf('2p2g2k'), 'transitions');

const folder = mkdtempSync(join(tmpdir(), 'pagewarden-suite-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('what a suite guarantees', () => {
  test('is everything that it says it covers', () => {
    for (const cover of covers) expect(small[cover].guarantee).toMatchObject({ cover, states: 5 });
    expect(small.transitions.guarantee).toMatchObject({ covered: 310, of: 310 });
    // 62 calls in each of 5 states, of which 9 succeed
    expect(small.refusals.guarantee).toMatchObject({ covered: 301, of: 301 });
    expect(small.pairs.guarantee).toMatchObject({ covered: 20, of: 20 });
    expect(ranges.guarantee.covered).toBe(ranges.guarantee.of);
  });

  test('is that a refused call changes nothing', () => {
    const refused = ranges.tests.flatMap(({ steps }) => steps).filter(({ ret }) => ret !== 0);
    expect(refused.length).toBeGreaterThan(10_000);
    expect(refused.every(({ changes }) => changes.length === 0)).toBe(true);
  });

  test('counts what its own steps hold', () => {
    const { guarantee, tests } = small.transitions;
    const seen = new Set<string>();
    for (const { steps } of tests) {
      const words = small.transitions.leaves.map(({ initial }) => initial);
      for (const { name, args, tablePages, changes } of steps) {
        const before = words.join();
        for (const { leaf, after } of changes) words[leaf] = after;
        const call = Object.entries(args).map(([key, value]) => [
          key,
          typeof value === 'object' ? { ...value } : String(value),
        ]);
        seen.add(`${before} ${name} ${JSON.stringify(call)} ${tablePages}`);
      }
    }
    // Different malformed calls are one call where their arguments are the same.
    expect(seen.size).toBeLessThanOrEqual(guarantee.of);
    expect(seen.size).toBeGreaterThan(250);
  });
});

test('a tour takes every wanted edge that can be reached and names the others', () => {
  const edges = [
    { from: 0, to: 1 },
    { from: 1, to: 0 },
    { from: 1, to: 1 },
    { from: 2, to: 0 },
  ];
  const { walks, unreached } = tourOf({ start: 0, nodes: 3, edges }, new Set([0, 1, 2, 3]), 100);
  expect(walks).toHaveLength(1);
  expect(new Set(walks.flat())).toEqual(new Set([0, 1, 2]));
  expect(unreached).toEqual([3]);
});

test('the JSON is what its published schema says', () => {
  const json: unknown = JSON.parse(JSON.stringify(suiteAsJson(small.transitions)));
  const parsed = suiteSchema.parse(json);
  expect(parsed.numberOfTests).toBe(parsed.testGroups.flatMap(({ tests }) => tests).length);
  const flags = parsed.testGroups.flatMap(({ tests }) => tests.flatMap(({ flags: own }) => own));
  expect(new Set(flags)).toEqual(new Set(Object.keys(parsed.notes)));
  expect(Object.keys(parsed.notes)).toContain('donate.request.hyp.owner');
});

const strict = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-pedantic'];

/** Builds the stand-in with a suite, freestanding, and runs it. */
function run(suite: Suite, ...defines: readonly string[]): { status: number | null; output: string } {
  for (const name of ['stand-in.c', 'stand-in.h', 'main.c'])
    copyFileSync(join(import.meta.dirname, name), join(folder, name));
  writeFileSync(join(folder, 'suite.h'), suiteAsC(suite));
  const object = join(folder, 'stand-in.o');
  const program = join(folder, 'program');
  execFileSync('gcc', [
    ...strict,
    '-ffreestanding',
    '-c',
    ...defines,
    '-o',
    object,
    join(folder, 'stand-in.c'),
  ]);
  execFileSync('gcc', [...strict, '-o', program, join(folder, 'main.c'), object]);
  const { status, stdout } = spawnSync(program, { encoding: 'utf8' });
  return { status, output: stdout };
}

describe.skipIf(!hasGcc)('the C, built freestanding without a warning', () => {
  for (const suite of [small.transitions, small.refusals, small.pairs, ranges]) {
    test(`passes a correct implementation: ${suite.profile} ${suite.guarantee.cover}`, () => {
      const { status, output } = run(suite);
      expect(output).toBe(`${suite.guarantee.steps} steps, 0 failures\n`);
      expect(status).toBe(0);
    });
  }

  test('catches an implementation that gives a page of a guest to the host', () => {
    const { status, output } = run(small.transitions, '-DSEEDED_BUG');
    expect(status).toBe(1);
    expect(output).toMatch(/result by donate\.request\.hyp\.owner: expected 0xffffffffffffffff, found 0x0/);
  });

  test('compiles as KUnit and as kvm-unit-tests, against their headers as far as the suite uses them', () => {
    writeFileSync(
      join(folder, 'libcflat.h'),
      '#include <stdint.h>\nvoid report(int pass, const char *format, ...);\nint report_summary(void);\n',
    );
    writeFileSync(join(folder, 'kut.c'), suiteAsKvmUnitTest(small.transitions));
    execFileSync('gcc', [...strict, '-I', folder, '-fsyntax-only', join(folder, 'kut.c')]);
    const kunit = suiteAsKunit(small.transitions);
    expect(kunit).toContain('KUNIT_ARRAY_PARAM(pagewarden, pagewarden_tests, pagewarden_describe);');
    execFileSync('mkdir', ['-p', join(folder, 'kunit'), join(folder, 'linux')]);
    writeFileSync(join(folder, 'linux/types.h'), '#include <stdint.h>\n');
    writeFileSync(join(folder, 'kunit/test.h'), kunitStandIn);
    writeFileSync(join(folder, 'kunit.c'), kunit);
    execFileSync('gcc', [
      '-Wall',
      '-Wextra',
      '-Werror',
      '-Wno-missing-field-initializers',
      '-I',
      folder,
      '-fsyntax-only',
      join(folder, 'kunit.c'),
    ]);
  });
});

/** The part of kunit/test.h that the suite uses, as the kernel declares it. */
const kunitStandIn = `
struct kunit { const void *param_value; };
struct kunit_case { void (*run_case)(struct kunit *); const char *name; const void *(*generate_params)(const void *, char *); };
struct kunit_suite { const char name[256]; struct kunit_case *test_cases; };
#define KUNIT_PARAM_DESC_SIZE 128
void strscpy(char *to, const char *from, unsigned long size);
#define KUNIT_CASE_PARAM(f, g) { .run_case = f, .name = #f, .generate_params = g }
#define KUNIT_ARRAY_PARAM(name, array, get_desc) \\
	static const void *name##_gen_params(const void *prev, char *desc) { \\
		const __typeof__((array)[0]) *next = prev ? ((const __typeof__((array)[0]) *)prev) + 1 : (array); \\
		if (next - (array) < (long)(sizeof(array) / sizeof((array)[0]))) { get_desc(next, desc); return next; } \\
		return 0; }
__attribute__((format(printf, 2, 3))) void kunit_fail(struct kunit *test, const char *format, ...);
#define KUNIT_FAIL(test, ...) kunit_fail(test, __VA_ARGS__)
#define KUNIT_EXPECT_EQ(test, a, b) do { (void)(test); if ((a) != (b)) __builtin_trap(); } while (0)
#define kunit_test_suite(s) struct kunit_suite *registered = &(s)
#define MODULE_LICENSE(l) extern int module_license
`;

const hasRust = spawnSync('rustc', ['--version']).status === 0;

test.skipIf(!hasRust)('the Rust compiles without std and without a warning', () => {
  writeFileSync(
    join(folder, 'suite.rs'),
    `#![no_std]\n#![deny(warnings)]\n${suiteAsRust(small.transitions).replace(/^\/\/!/gm, '//')}`,
  );
  execFileSync('rustc', [
    '--crate-type',
    'lib',
    '--emit',
    'metadata',
    '--out-dir',
    folder,
    join(folder, 'suite.rs'),
  ]);
});
