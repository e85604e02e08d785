import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pagewarden } from './run.ts';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'pagewarden-'));
const absent = join(directory, 'absent', 'file');

/** The exit code when whoever reads standard output leaves before the first line. */
const codeUnread = (...args: string[]): Promise<number | null> =>
  new Promise(resolve => {
    const child = spawn(process.execPath, [join(root, 'dist/cli/pagewarden.js'), ...args], { cwd: root });
    child.stdout.destroy();
    child.on('close', resolve);
  });

describe('a command that cannot do its work', () => {
  test.each([
    ['a trace that is a directory', ['oracle', 'check', directory]],
    ['a trace that does not exist', ['oracle', 'check', absent]],
    [
      'a dump that is a directory',
      ['walk', '--mem', directory, '--eptp', '0x1e', '--gpa', '0x0', '--access', 'read'],
    ],
    ['a model that cannot be written', ['export', 'vp-assist-page', '-f', 'promela', '-o', absent]],
    ['a picture that cannot be written', ['graph', 'machine', 'page-ownership', '-o', absent]],
    ['a text that does not exist', ['graph', 'markdown', absent]],
  ])('%s is bad input, in one line that names it', async (_, args) => {
    const { code, stdout, stderr } = await pagewarden(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^pagewarden: [^\n]+\n$/);
    expect(stderr).toContain(directory);
  });

  test.each([
    [1, ['check', 'nothing']],
    [1, ['check', 'ownership', '--set', 'pages=99']],
    [1, ['check', '--no-such-flag']],
    [2, ['oracle', 'check', absent]],
  ])('with --json it prints one object: exit code %i of %j', async (expected, args) => {
    const { code, stdout, stderr } = await pagewarden(...args, '--json');
    const { error, exit } = JSON.parse(stdout) as Record<string, unknown>;
    expect([code, exit]).toEqual([expected, expected]);
    expect(stderr).toContain(error);
  });
});

describe('oracle check', () => {
  const traceOf = (name: string, content: string | Uint8Array): string => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  };

  test('refuses a binary file in one line that says how to make a text of it', async () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, at) => (at * 167) % 256);
    const file = traceOf('trace.dat', bytes);
    const { code, stdout, stderr } = await pagewarden('oracle', 'check', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^pagewarden: [^\n]+ not a trace: [^\n]+ trace-cmd report or perf script [^\n]+\n$/,
    );
  });

  test('goes on over lines that are none of its own as long as one is', async () => {
    const logged = '[    1.5] pagewarden: seq=1 host_donate_hyp hpa=0x3000 size=0x1000 ret=0\n';
    const file = traceOf('mixed.log', `\u0000garbage of a serial line\n${logged}`);
    const { stdout } = await pagewarden('oracle', 'check', file);
    expect(stdout).toContain('2 lines: 1 event checked');
  });

  test.each([
    ['empty', ''],
    ['only-comments', '# tracer: nop\n#\n'],
  ])('of a trace of nothing (%s) says that this is not a pass', async (name, content) => {
    const { code, stdout } = await pagewarden('oracle', 'check', traceOf(name, content));
    expect(code).toBe(3);
    expect(stdout).toContain('nothing was checked: that is not a pass\n');
  });
});

/** The exit code and standard output of a command whose standard input is a text. */
const fed = (text: string, ...args: string[]): Promise<readonly [number | null, string]> =>
  new Promise(resolve => {
    const child = spawn(process.execPath, [join(root, 'dist/cli/pagewarden.js'), ...args], { cwd: root });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('close', code => {
      resolve([code, out]);
    });
    child.stdin.end(text);
  });

test('a trace comes through a pipe too', async () => {
  const call = '{"op":"call","name":"host_donate_hyp","hpa":"0x3000","size":"0x1000","ret":0}\n';
  const [code, out] = await fed(call, 'oracle', 'check', '-');
  expect([code, out]).toEqual([0, expect.stringContaining('1 allowed')]);
});

test('what could not be written is not 0, whatever was found', async () => {
  const child = spawn(
    process.execPath,
    [join(root, 'dist/cli/pagewarden.js'), 'check', 'ownership', '--profile', '1p1g1k'],
    { cwd: root, stdio: ['ignore', openSync('/dev/full', 'w'), 'ignore'] },
  );
  expect(await new Promise(resolve => child.on('close', resolve))).toBe(70);
});

describe('a reader that goes away', () => {
  test('does not turn a violation into success', async () => {
    expect(await codeUnread('check', 'ownership', '--profile', '2p2g2k', '--mutant', 'B2')).not.toBe(0);
  });

  test('leaves a run that was cut off partial', async () => {
    expect(await codeUnread('check', 'ownership', 'vp-assist-page')).toBe(30);
  });
});
