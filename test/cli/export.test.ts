import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interrupted, pagewarden } from './run.ts';

test('export writes a Promela model with every word explained', async () => {
  const { code, stdout } = await pagewarden('export', 'ownership', '-f', 'promela');
  expect(code).toBe(0);
  expect(stdout).toContain('byte host_0x3000 = 0;');
  expect(stdout).toContain('0x100000000003037: OWNED 0x3000 rwx');
  expect(stdout).toContain('/* host: host_donate_hyp(hpa=0x3000, size=0x1000) */');
  expect(stdout).toContain('every RAM page has exactly one owner');
});

test('export writes a TLA+ module called like its file, and the configuration beside it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'pagewarden-')), 'Pages.tla');
  const { code } = await pagewarden('export', 'ownership', '-f', 'tla', '--mutant', 'B2', '--output', file);
  expect(code).toBe(0);
  expect(readFileSync(file, 'utf8')).toMatch(/^---- MODULE Pages ----\n/);
  expect(readFileSync(file.replace('.tla', '.cfg'), 'utf8')).toContain('INVARIANT always_I1\n');
});

test('a model learned from a part of the states is written, but is no success', async () => {
  const { code, stdout, stderr } = await pagewarden(
    ...['export', 'ownership', '--profile', '2p2g2k', '-f', 'promela', '--max-states', '10'],
  );
  expect(code).toBe(30);
  expect(stdout).toContain('The run was partial (states)');
  expect(stderr).toContain('learned from 10 states only');
});

test('Ctrl-C ends it as a partial run, and no model is written', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'pagewarden-')), 'pages.pml');
  const size = 'pages=9,gpas=own,protected=2,normal=2,calls=matching';
  const { code, stderr } = await interrupted(
    ...['export', 'ownership', '--set', size, '-f', 'promela', '-o', file],
  );
  expect(code).toBe(30);
  expect(stderr).toMatch(/^pagewarden: interrupted after \d+ states: no model was written/);
  expect(existsSync(file)).toBe(false);
});

test.each([
  [['-f', 'murphi'], 'there are promela, tla'],
  [['-f', 'tla', '--output', '/tmp/not-a-module.txt'], 'expected NAME.tla'],
  [['-f', 'tla', '--mutant', 'B99'], 'has no mutant B99'],
])('%s is a usage error that says what is expected', async (args, expected) => {
  const { code, stderr } = await pagewarden('export', 'ownership', ...args);
  expect(code).toBe(1);
  expect(stderr).toContain(expected);
});
