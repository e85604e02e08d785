import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commands } from '../../cli/program.ts';
import { pagewarden } from './run.ts';

const root = join(import.meta.dirname, '../..');
const built = `${pathToFileURL(join(root, 'dist')).href}/`;

/** All files that a run of the command loads, as Node's own coverage lists them. */
function everythingLoadedBy(...args: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pagewarden-'));
  execFileSync(process.execPath, [join(root, 'dist/cli/pagewarden.js'), ...args], {
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  });
  const { result } = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8')) as {
    result: { url: string }[];
  };
  return result.map(({ url }) => url);
}

/** Those of the build. */
const loadedBy = (...args: string[]): string[] =>
  everythingLoadedBy(...args).flatMap(url => (url.startsWith(built) ? [url.slice(built.length)] : []));

describe('the start of the program', () => {
  test('--version loads no subcommand', () => {
    expect(loadedBy('--version').sort()).toEqual([
      'cli/exit.js',
      'cli/failure.js',
      'cli/interruption.js',
      'cli/optimiser.js',
      'cli/own-system/own-fault.js',
      'cli/pagewarden.js',
      'cli/program.js',
    ]);
  });

  test('check of one system loads neither the other systems nor what only other commands need', () => {
    const loaded = loadedBy('check', 'ownership', '--set', 'pages=1,gpas=own', '--quiet');
    const others = loaded.filter(
      file =>
        /^(oracle|explorer)\/|^cli\/(graph|oracle|walk|layout)\b/.test(file) ||
        (/^systems\/.*\//.test(file) && !/^systems\/(ownership|pages)\//.test(file)) ||
        (file.startsWith('machines/') && !/^machines\/(arrow|page-ownership)\.js$/.test(file)),
    );
    expect(others).toEqual([]);
    expect(loaded).toContain('systems/ownership/index.js');
  });

  test('a run that is neither saved nor resumed does not load what files are validated with', () => {
    const loaded = everythingLoadedBy('check', 'ownership', '--set', 'pages=1,gpas=own', '--quiet');
    expect(loaded.filter(url => url.includes('/node_modules/zod/'))).toEqual([]);
  });
});

describe('the table of subcommands', () => {
  test.each([...commands])('%s loads the command of that name', async (name, load) => {
    expect((await load()).name()).toBe(name);
  });

  test('a name that is none of them is compared with all of them', async () => {
    const { code, stderr } = await pagewarden('chekc');
    expect([code, stderr]).toEqual([1, "pagewarden: unknown command 'chekc'\n(Did you mean check?)\n"]);
  });
});

test('a layout whose fields overlap is a fault of our own, with its name and its bits', () => {
  const copy = mkdtempSync(join(tmpdir(), 'pagewarden-'));
  cpSync(join(root, 'dist'), join(copy, 'dist'), {
    recursive: true,
    filter: path => !/\.(d\.ts|map)$/.test(path),
  });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const table = join(copy, 'dist/model/ept/entry.js');
  writeFileSync(table, readFileSync(table, 'utf8').replace('_7_3: reserved(7, 3)', '_7_3: reserved(8, 3)'));
  const command = [join(copy, 'dist/cli/pagewarden.js'), 'check', 'ownership', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect([status, (JSON.parse(stdout) as { exit: number }).exit]).toEqual([70, 70]);
  expect(stderr).toMatch(
    /^pagewarden: a fault of our own, please report it: RangeError: EptPml5e: bit 8 is declared twice, in _7_3 and accessed\n/,
  );
});
