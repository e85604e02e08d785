import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { countedImplementationNamed } from '../../oracle/counted/index.ts';
import {
  countedSuite,
  type Suite,
  suiteAsC,
  suiteAsJson,
  suiteAsKunit,
  suiteSchema,
} from '../../suites/index.ts';
import { hasGcc } from '../gcc.ts';

function suiteOf(name: string): Suite {
  const implementation = countedImplementationNamed(name);
  if (implementation === undefined) throw new Error(`there is no ${name}`);
  return countedSuite(implementation, 'transitions');
}
const x86 = suiteOf('x86-2026');
const arm64 = suiteOf('arm64-6.12');

const folder = mkdtempSync(join(tmpdir(), 'pagewarden-counted-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a suite of code that counts has every call in every state of the page, refused ones changing nothing', () => {
  // 28 of the 30 states of the facts: with 2 shares and 1 pin, at two gpas
  expect(x86.guarantee).toMatchObject({ states: 28, covered: 2364, of: 2364 });
  const steps = x86.tests.flatMap(one => one.steps);
  expect(steps.filter(({ ret, changes }) => ret < 0 && changes.length > 0)).toEqual([]);
  expect(new Set(steps.map(({ ret }) => ret))).toEqual(new Set([0, -1, -22]));
  expect(arm64.operations).not.toContain('host_share_guest');
});

test('its JSON is what its published schema says, records among the leaves and every rule with its source', () => {
  const parsed = suiteSchema.parse(JSON.parse(JSON.stringify(suiteAsJson(x86))));
  expect(parsed.testGroups[0]?.leaves[0]).toMatchObject({ table: 'record', initial: '0x0000000001000000' });
  expect(parsed.notes['page.unpinned']?.source).toMatch(/^facts\/pkvm-2026\.md/);
});

const strict = ['-std=gnu11', '-Wall', '-Wextra', '-Werror'];

function run(header: string, ...options: readonly string[]): { status: number | null; stdout: string } {
  const [source, binary] = [join(folder, 'stand-in.c'), join(folder, 'program')];
  copyFileSync(join(import.meta.dirname, 'counted-stand-in.c'), source);
  writeFileSync(join(folder, 'counted-suite.h'), header);
  execFileSync('gcc', [...strict, ...options, '-o', binary, source]);
  const { status, stdout } = spawnSync(binary, { encoding: 'utf8' });
  return { status, stdout };
}

describe.skipIf(!hasGcc)('the C', () => {
  test('passes code that is right, written from the facts', () => {
    expect(run(suiteAsC(x86))).toEqual({
      status: 0,
      stdout: `${x86.guarantee.steps} steps, 0 failures, 0 left out\n`,
    });
  });

  test('goes on after what is wrong and counts it by cause: a page that is pinned is given away', () => {
    const { status, stdout } = run(suiteAsC(x86), '-DSEEDED_BUG');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^\d+ steps, 2 failures, 0 left out\n2 times page\.unpinned\n$/);
  });

  test('as KUnit prints step, call, rule, expected and found', () => {
    const test = `#include <stdarg.h>
struct kunit { const void *param_value; };
#define strscpy(to, from, size) snprintf(to, size, "%s", from)
static void kunit_fail(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vprintf(format, list);
	putchar(10);
	va_end(list);
}
#define KUNIT_FAIL(test, ...) ((void)(test), kunit_fail(__VA_ARGS__))
#define KUNIT_EXPECT_EQ(test, a, b) do { (void)(test); if ((a) != (b)) kunit_failures++; } while (0)
#define KUNIT_PARAM_DESC_SIZE 128
#define KUNIT_ARRAY_PARAM(name, array, get)
#define KUNIT_CASE_PARAM(run, generate) { run }
#define kunit_test_suite(suite)
#define MODULE_LICENSE(name)
struct kunit_case { void (*run_case)(struct kunit *); };
struct kunit_suite { const char *name; struct kunit_case *test_cases; };
static int kunit_failures;
`;
    const kunit = suiteAsKunit(x86)
      .replace('#include <kunit/test.h>', test)
      .replace('#include <linux/types.h>', '');
    const runner = `static int run_kunit(void)
{
	uint32_t i;
	for (i = 0; i < PAGEWARDEN_TESTS; i++) {
		struct kunit test = { &pagewarden_tests[i] };
		pagewarden_suite.test_cases[0].run_case(&test);
	}
	(void)pagewarden_describe;
	return kunit_failures;
}
`;
    expect(run(kunit + runner, '-DKUNIT')).toEqual({ status: 0, stdout: '' });
    const { status, stdout } = run(kunit + runner, '-DKUNIT', '-DSEEDED_BUG');
    expect(status).toBeGreaterThan(0);
    expect(stdout).toMatch(
      /^step \d+: host_donate_guest\(vm 2, hpa 0x400000, gpa 0x1\d000, size 0x1000, prot 0x0\) by page\.unpinned: result 0 0x0: expected 0xffffffffffffffff, found 0x0\n/,
    );
  });

  test('of arm64 compiles without a warning, and with a licence', () => {
    const file = join(folder, 'arm64.c');
    const header = suiteAsC(arm64);
    expect(header).toMatch(/^\/\* SPDX-License-Identifier: /);
    writeFileSync(file, `${header}\nint main(void) { (void)pagewarden_run; return 0; }\n`);
    execFileSync('gcc', [...strict, '-ffreestanding', '-c', '-o', join(folder, 'arm64.o'), file]);
  });
});
