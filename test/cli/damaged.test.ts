import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pagewarden, pagewardenFed } from './run.ts';

/** Inputs that were green, hung or ended with a stack: each with the code that it ends with, and what it is told by. */
const folder = join(import.meta.dirname, '../golden/damaged');
const file = (name: string): string => join(folder, name);

describe.concurrent('oracle check', () => {
  const logs: readonly (readonly [name: string, code: number, says: RegExp, why: string])[] = [
    [
      'F1-leaf-limit.txt',
      16,
      /:67: forbidden by donate\.request\.hyp\.owner/,
      'large leaves are followed as one each',
    ],
    [
      'F2-unreadable-own-line.txt',
      2,
      /:3: not understood: .*ret="O"/,
      'a damaged line is bad input and a gap',
    ],
    ['F3-hang.txt', 30, /a limit was hit/, 'a call over 2^56 bytes is a limit'],
    ['F5-empty-ret.txt', 2, /ret="" is not a number/, 'an empty result is none'],
    [
      'F6-first-line-lost.txt',
      3,
      /:2: unknown: 1 events are missing/,
      'events are numbered from 1 after hello',
    ],
    [
      'F7-garbled-line-then-alarm.txt',
      2,
      /0 forbidden/,
      'nothing is held against what follows a damaged line',
    ],
    ['F8-two-vcpus-no-vcpu-field.txt', 0, /2 allowed/, 'exits and faults are paired by their threads'],
    ['F9-lost-events-pairing.txt', 3, /no exit of this vCPU/, 'no exit from before lost events is paired'],
    ['F10-two-vms-one-gfn.txt', 0, /1 allowed/, "one VM's vector says nothing of another's page"],
  ];
  for (const [name, code, says, why] of logs) {
    test(`${name}: ${why}`, async () => {
      const run = await pagewarden('oracle', 'check', file(name));
      expect(run.stdout).toMatch(says);
      expect(run.code).toBe(code);
      expect(run.stderr).toBe('');
    });
  }
});

describe.concurrent('oracle check, of what the fuzzer found', () => {
  const hello = 'pagewarden: hello ram=0x3000-0x7000 vm=2:protected vm=3:normal\n';

  test('a call inside a page that was not refused is forbidden, and not a fault of our own', async () => {
    const call = 'pagewarden: seq=1 host_donate_hyp vm=0 hpa=0x3800 gpa=0x0 size=0x1000 prot=0x0 ret=0\n';
    const { code, stdout } = await pagewardenFed(hello + call, 'oracle', 'check', '-');
    expect(code).toBe(16);
    expect(stdout).toContain('forbidden by arguments.aligned');
  });

  test('a log that ends inside the name of a line of ours may have ended inside a forbidden call', async () => {
    const call = 'pagewarden: seq=1 host_donate_hyp vm=0 hpa=0x3000 gpa=0x0 size=0x1000 prot=0x0 ret=0\n';
    const { code, stdout } = await pagewardenFed(
      `${hello}${call} q-1 [003] d..1. 100.000002: f: pageward`,
      'oracle',
      'check',
      '-',
    );
    expect(code).toBe(2);
    expect(stdout).toContain('it may have begun one of ours');
  });
});

describe.concurrent('oracle serve', () => {
  const answers = async (
    input: string | Uint8Array,
  ): Promise<{ code: number; lines: readonly string[] }> => {
    const { code, stdout } = await pagewardenFed(input, 'oracle', 'serve');
    return { code, lines: stdout.trimEnd().split('\n') };
  };

  test('F2c-serve-bom.jsonl: a byte-order mark is passed over, and the call behind it is judged', async () => {
    const { code, lines } = await answers(readFileSync(file('F2c-serve-bom.jsonl')));
    expect(code).toBe(16);
    expect(lines[0]).toContain('"verdict":"forbidden"');
  });

  test('F3-hang.jsonl: a call over 2^56 bytes is a limit, and the session goes on', async () => {
    const { code, lines } = await answers(readFileSync(file('F3-hang.jsonl')));
    expect(code).toBe(30);
    expect(lines[1]).toContain('"rule":"limit.call_pages"');
    expect(lines[2]).toContain('"summary"');
  });

  test('F4-crash.jsonl: a leaf at an address of no page is answered, and the session goes on', async () => {
    const { code, lines } = await answers(readFileSync(file('F4-crash.jsonl')));
    expect(code).toBe(2);
    expect(lines[0]).toContain('0x3001 is no multiple of 4 KByte');
    expect(lines[1]).toContain('"summary"');
  });

  test('a text in UTF-16 is refused by name', async () => {
    const text = Buffer.from('\ufeff{"op":"end"}\n', 'utf16le');
    const { code, lines } = await answers(text);
    expect(code).toBe(2);
    expect(lines).toEqual([expect.stringContaining('UTF-16 (little-endian)')]);
  });

  test.each([
    ['half a line', '{"op":"host_donate_hyp","hpa":"0x30'],
    [
      'a key that is given twice',
      '{"op":"call","name":"host_donate_hyp","hpa":"0x3000","size":"0x1000","ret":-1,"ret":0}',
    ],
  ])('%s ends with the code of bad input', async (_, text) => {
    const { code, lines } = await answers(`${text}\n`);
    expect(code).toBe(2);
    expect(lines[0]).toContain('"ok":false');
  });

  test('what stands behind "end" is not answered, though it came with it', async () => {
    const { code, lines } = await answers('{"op":"end"}\n{"op":"nonsense"}\n');
    expect(code).toBe(0);
    expect(lines.length).toBe(1);
  });
});

test('walk --jsonl answers a line of 20 MByte without holding it', async () => {
  const { code, stdout } = await pagewardenFed('x'.repeat(20_000_000), 'walk', '--jsonl');
  expect(code).toBe(2);
  expect(stdout).toMatch(
    /^\{"error":"a line of 20000000 characters: at most 1048576 are read","line":1\}\n$/,
  );
});

describe.concurrent('files that are believed only as far as they can be', () => {
  const doubled = '{"system":"ownership","profile":"1p1g1k","profile":"4p-own"}';

  test.each([
    ['F12-replay-pages.json', 'pages=100000: expected a whole number from 1 to 12'],
    ['F12b-replay-oom.json', 'protected=10000000: expected a whole number from 0 to 8'],
  ])('replay %s: the sizes in a file have the ranges of --set', async (name, says) => {
    const run = await pagewarden('replay', file(name));
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toBe(`pagewarden: ${file(name)}: ownership: ${says}\n`);
  });

  test('F11-cut.tsv: a dump that ends inside a word has no last word', async () => {
    const where = ['--eptp', '0x1001e', '--gpa', '0x0', '--access', 'read', '--mem', file('F11-cut.tsv')];
    const run = await pagewarden('walk', ...where);
    expect([run.code, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('F11-cut.tsv:2: the last line has no end: its last word may be cut off');
  });

  test('an audit of an EPTP that points at zeros is unknown, never "no anomaly"', async () => {
    const zeros = join(mkdtempSync(join(tmpdir(), 'pagewarden-')), 'zeros.bin');
    writeFileSync(zeros, new Uint8Array(0x2_0000));
    const run = await pagewarden('audit', '--host-ept', '0x1001e', '--mem', `${zeros}@0x0`);
    expect(run.code).toBe(3);
    expect(run.stdout).toContain('every entry of the host EPT is 0: is --host-ept the right EPTP?');
  });

  test('a key that is given twice is refused in a replay as in an implementation', async () => {
    const folderOfOurs = mkdtempSync(join(tmpdir(), 'pagewarden-'));
    const twice = join(folderOfOurs, 'twice.json');
    writeFileSync(twice, doubled);
    for (const args of [
      ['replay', twice],
      ['oracle', 'check', '--implementation', twice, file('F5-empty-ret.txt')],
    ]) {
      const run = await pagewarden(...args);
      expect([args[0], run.code, run.stdout]).toEqual([args[0], 2, '']);
      expect(run.stderr).toContain('the key "profile" is given twice');
    }
  });
});
