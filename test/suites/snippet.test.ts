import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ringLines } from '../../evidence/logs/ring.ts';
import { countedImplementationNamed } from '../../oracle/counted/index.ts';
import { normative } from '../../oracle/implementations/index.ts';
import { checkTrace, type CheckOptions, type TraceReport } from '../../oracle/trace/index.ts';
import { loggedCalls, snippets, type SnippetVariant, snippetVariants } from '../../suites/snippet.ts';
import { operationNames } from '../../model/pkvm/index.ts';
import { hasGcc } from '../gcc.ts';

const folder = mkdtempSync(join(tmpdir(), 'pagewarden-snippet-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What stands around the snippet in each variant: what prints in a kernel, and what saves the ring. */
const around: Readonly<Record<SnippetVariant, { before: string; hello: string; after: string }>> = {
  kernel: {
    before: '#include <stdio.h>\n#define trace_printk(...) printf(__VA_ARGS__)\n',
    hello: 'pagewarden_hello(0, 0x200000, "hyp=0x100000-0x180000 vm=2:protected vm=3:normal");',
    after: '',
  },
  user: {
    before: '',
    hello: 'pagewarden_hello(0, 0x200000, "hyp=0x100000-0x180000 vm=2:protected vm=3:normal");',
    after: '',
  },
  ring: {
    before: '#include <stdio.h>\n',
    hello: 'pagewarden_hello(0, 0x200000, 0x100000, 0x180000); pagewarden_vm(2, 1); pagewarden_vm(3, 0);',
    after: 'fwrite(&pagewarden_ring, sizeof(pagewarden_ring), 1, stdout);',
  },
};

/** The program that makes these statements, in one function each, chosen by its argument. */
const program = (variant: SnippetVariant, bodies: readonly string[]): string =>
  `${around[variant].before}${snippets[variant]}
int main(int argc, char **argv)
{
	(void)argv;
	${around[variant].hello}
	switch (argc) {
${bodies.map((body, at) => `\tcase ${at + 1}: {\n${body}\n\tbreak; }`).join('\n')}
	}
	${around[variant].after}
	return 0;
}
`;

const bodies = {
  allowed: `
    pagewarden_log("host_donate_guest", 2, 0x3000, 0x8000, 0x1000, 7, 0);
    pagewarden_leaf(0, 0x3000, 0x2000);
    pagewarden_log("host_share_guest", 3, 0x4000, 0x8000, 0x1000, 7, 0);`,
  kind: `pagewarden_log("host_share_guest", 2, 0x4000, 0x8000, 0x1000, 7, 0);`,
  overlap: `
    unsigned long long one = pagewarden_begin("host_share_guest", 3, 0x4000, 0x8000, 0x1000, 7);
    unsigned long long other = pagewarden_begin("host_unshare_guest", 3, 0x4000, 0x8000, 0x1000, 0);
    pagewarden_end(other, 0);
    pagewarden_end(one, 0);`,
  counted: `
    pagewarden_log("host_use_dma", 0, 0x4000, 0, 0x1000, 0, 0);
    pagewarden_log("host_donate_guest", 2, 0x4000, 0x8000, 0x1000, 7, -1);
    pagewarden_log("host_unuse_dma", 0, 0x4000, 0, 0x1000, 0, 0);
    pagewarden_log("host_donate_guest", 2, 0x4000, 0x8000, 0x1000, 7, 0);
    pagewarden_leaf(2, 0x8000, 0x0010000000004037ull);`,
  pinned: `
    pagewarden_log("host_use_dma", 0, 0x4000, 0, 0x1000, 0, 0);
    pagewarden_log("host_donate_guest", 2, 0x4000, 0x8000, 0x1000, 7, 0);`,
  arm64: `
    pagewarden_log_frames("host_share_hyp", 0, 0x4, 0, 0, 0, 0);
    pagewarden_log_frames("hyp_pin", 0, 0x4, 0, 1, 0, 0);
    pagewarden_log_frames("host_unshare_hyp", 0, 0x4, 0, 0, 0, -16);`,
} as const;
type Body = keyof typeof bodies;
const order = Object.keys(bodies) as Body[];

const judged = (lines: readonly string[], implementation: CheckOptions['implementation']): TraceReport =>
  checkTrace(lines, { implementation });
const counted = (name: string): CheckOptions['implementation'] =>
  countedImplementationNamed(name) ?? normative;

test('names every call of the page-state API, and every other call that a log can tell of', () => {
  for (const variant of snippetVariants)
    for (const name of operationNames) expect(snippets[variant]).toContain(` ${name}`);
  for (const name of loggedCalls) expect(snippets.ring).toContain(`\t"${name}",`);
});

describe.skipIf(!hasGcc).each(snippetVariants)('the C, compiled: %s', variant => {
  const binary = join(folder, variant);
  beforeAll(() => {
    const file = `${binary}.c`;
    writeFileSync(
      file,
      program(
        variant,
        order.map(body => bodies[body]),
      ),
    );
    const strict = ['-Wall', '-Wextra', '-Wformat=2', '-Werror'];
    execFileSync('gcc', [...strict, '-o', binary, file]);
  });

  /** The lines that one of the bodies makes it write. */
  function linesOf(body: Body): readonly string[] {
    const args = Array.from({ length: order.indexOf(body) }, () => 'x');
    const output = execFileSync(binary, args);
    if (variant !== 'ring') return output.toString('utf8').trimEnd().split('\n');
    const lines = ringLines(output, loggedCalls);
    if (typeof lines === 'string') throw new Error(lines);
    return lines;
  }

  test('logs what is allowed, leaf words and kinds of VMs with it', () => {
    const { summary, damaged, unparsed } = judged(linesOf('allowed'), normative);
    expect({ ...summary, damaged, unparsed: unparsed.count }).toMatchObject({
      events: 3,
      allowed: 3,
      damaged: 0,
      unparsed: 0,
    });
    expect(judged(linesOf('kind'), normative).forbidden[0]?.verdict.rule).toBe('kind.normal');
  });

  test('logs both ends of calls that overlap, and an order that explains them is found', () => {
    expect(judged(linesOf('overlap'), normative).summary).toMatchObject({ allowed: 2, forbidden: 0 });
    expect(judged(linesOf('overlap'), counted('x86-2026')).summary).toMatchObject({
      allowed: 2,
      forbidden: 0,
      unknown: 0,
    });
  });

  test('logs calls that count, held against the code that is chosen', () => {
    const { summary, damaged } = judged(linesOf('counted'), counted('x86-2026'));
    expect({ ...summary, damaged }).toMatchObject({ events: 5, allowed: 5, damaged: 0 });
    const wrong = judged(linesOf('pinned'), counted('x86-2026'));
    expect(wrong.forbidden.map(({ verdict, name }) => [name, verdict.rule])).toEqual([
      ['host_donate_guest', 'page.unpinned'],
    ]);
    expect(judged(linesOf('arm64'), counted('arm64-mainline')).summary).toMatchObject({
      events: 3,
      allowed: 3,
    });
  });
});

test('a ring that was written over says how many records are lost, and one that is none is refused', () => {
  const bytes = new Uint8Array(8 + 24 + 2 * 64);
  const view = new DataView(bytes.buffer);
  for (const [at, character] of [...'pagewarden ring'].entries()) bytes[8 + at] = character.charCodeAt(0);
  view.setUint32(8 + 16, 2, true);
  view.setUint32(8 + 20, 64, true);
  for (const [at, number] of [9n, 8n].entries()) {
    view.setBigUint64(32 + at * 64, number, true);
    view.setUint32(32 + at * 64 + 8, 6, true);
  }
  expect(ringLines(bytes, [])).toEqual([
    'CPU:0 [LOST 7 EVENTS]',
    'pagewarden: leaf table=0 address=0x0 word=0x0',
    'pagewarden: leaf table=0 address=0x0 word=0x0',
  ]);
  expect(ringLines(bytes.subarray(0, 100), [])).toBe('the ring has 2 records, of which the file holds 1');
  expect(ringLines(new Uint8Array(64), [])).toMatch(/no ring/);
});
