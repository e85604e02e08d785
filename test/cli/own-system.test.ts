import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inOneProcess } from './run.ts';

// a folder that is no project: the module finds `pagewarden` all the same
const folder = mkdtempSync(join(tmpdir(), 'pagewarden-own-'));
const { run, end } = inOneProcess(folder);

const written = (name: string, change: (text: string) => string): string => {
  const text = change(readFileSync(join(folder, 'door.ts'), 'utf8'));
  writeFileSync(join(folder, name), text);
  return `./${name}`;
};

beforeAll(async () => {
  expect(await run('new', 'system', 'door')).toMatchObject({ code: 0 });
});
afterAll(end);

describe("a person's own system", () => {
  test('is explored by check: every sentence of the one that `new` writes holds in its three states', async () => {
    const { code, stdout } = await run('check', './door.ts', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { system: './door.ts', result: 'pass', states: 3 },
    ]);
  });

  test('is had in its other sizes, and not beyond them', async () => {
    const { stdout } = await run('check', './door.ts', '--set', 'people=4', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ result: 'pass', states: 5 });
    const { code, stderr } = await run('check', './door.ts', '--set', 'people=9');
    expect([code, stderr]).toEqual([1, 'pagewarden: people=9: expected a whole number from 2 to 5\n']);
  });

  test('is mutated, listed, drawn and exported by the commands that take a name', async () => {
    expect(await run('mutants', './door.ts')).toMatchObject({ code: 0 });
    expect((await run('check', './door.ts', '--mutant', 'no lock')).code).toBe(12);
    expect((await run('list', './door.ts')).stdout).toContain('at most one person is inside');
    expect((await run('graph', 'states', './door.ts')).stdout).toContain('person 0 is inside');
    expect((await run('export', './door.ts', '-f', 'promela')).code).toBe(0);
  });

  test('is replayed from a counterexample that names its module', async () => {
    const { stdout } = await run('check', './door.ts', '--mutant', 'no lock', '--json');
    writeFileSync(join(folder, 'attack.json'), stdout);
    expect(await run('replay', 'attack.json')).toMatchObject({ code: 0 });
  });
});

describe('what is wrong with a module is told with file and line, and is bad input', () => {
  test('a call that throws while states are explored', async () => {
    const file = written('throws.ts', text =>
      text.replace('if (!read(slot)) return -1;', "if (!read(slot)) throw new Error('no way out');"),
    );
    const { code, stderr } = await run('check', file);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^pagewarden: throws\.ts:\d+:\d+: Error: no way out\n$/),
    ]);
    const line = Number(/:(\d+):/.exec(stderr)?.[1]);
    expect(readFileSync(join(folder, 'throws.ts'), 'utf8').split('\n')[line - 1]).toContain('no way out');
  });

  test('what is no TypeScript', async () => {
    writeFileSync(join(folder, 'syntax.ts'), '// a comment\nconst x: = 3;\n');
    expect(await run('check', './syntax.ts')).toMatchObject({
      code: 2,
      stderr: 'pagewarden: syntax.ts:2:10: Type expected.\n',
    });
  });

  test.each([
    ['no default export', () => 'export const x = 1;', /expected `export default system/],
    [
      'a definition that contradicts itself',
      (text: string) => text.replace('parameters: { people: 2 }', 'parameters: { people: 7 }'),
      /profile two: people=7: expected a whole number/,
    ],
  ])('%s', async (name, change, message) => {
    const { code, stderr } = await run('check', written(`${name.replaceAll(' ', '-')}.ts`, change));
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test('a file that there is not', async () => {
    expect(await run('check', './nothing.ts')).toMatchObject({
      code: 2,
      stderr: 'pagewarden: ./nothing.ts: there is no such file\n',
    });
  });
});

describe('explore', () => {
  test('writes one page with it, in which the module comes before the page’s own script', async () => {
    expect(await run('explore', './door.ts', '-o', join(folder, 'page.html'))).toMatchObject({ code: 0 });
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    expect(page.indexOf('at most one person is inside')).toBeGreaterThan(0);
    expect(page.indexOf('at most one person is inside')).toBeLessThan(page.indexOf('type="module"'));
  });

  test('refuses what a page cannot load, and a name that is no path', async () => {
    const file = written('node.ts', text => `import 'node:fs';\n${text}`);
    const { code, stderr } = await run('explore', file, '-o', 'never.html');
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/node\.ts imports node:fs, which a page does/),
    ]);
    expect(await run('explore', 'door')).toMatchObject({ code: 1 });
  });
});

test('new writes over nothing', async () => {
  expect(await run('new', 'system', 'door')).toMatchObject({
    code: 1,
    stderr: 'pagewarden: door.test.mjs is there already; nothing is overwritten\n',
  });
});

test('check says whose code it runs', async () => {
  expect((await run('check', '--help')).stdout).toContain('runs your code with your rights');
});
