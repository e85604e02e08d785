import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitMeanings } from '../../cli/exit.ts';
import { commands, program } from '../../cli/program.ts';
import { interrupted, pagewarden } from './run.ts';

const root = join(import.meta.dirname, '../..');

describe('pagewarden check', () => {
  test('proves a profile and ends with 0', async () => {
    const { code, stdout, stderr } = await pagewarden('check', 'ownership', '--profile', '2p2g2k');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^PASS {4}ownership\/2p2g2k/);
    expect(stdout).toContain('156 distinct');
  });

  test('prints one JSON object with every documented key', async () => {
    const size = 'pages=4,gpas=own,protected=2,normal=2,calls=matching';
    const { code, stdout } = await pagewarden('check', 'ownership', '--set', size, '--json');
    const object = JSON.parse(stdout) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(object).toMatchObject({
      result: 'pass',
      system: 'ownership',
      profile: 'custom',
      states: 4096,
      refused: 196_608,
    });
    expect(Object.keys(object).sort()).toEqual([
      'coverage',
      'deadlock',
      'depth',
      'encoding',
      'evaluations',
      'parameters',
      'perLevel',
      'profile',
      'properties',
      'refused',
      'result',
      'seconds',
      'states',
      'system',
      'transitions',
      'twin',
    ]);
  });

  test('tells a mutant’s shortest attack, word by word, and ends with 12', async () => {
    const { code, stdout } = await pagewarden(
      'check',
      'ownership',
      '--profile',
      '2p2g2k',
      '--mutant',
      'B2',
    );
    expect(code).toBe(12);
    const attack = stdout.slice(stdout.indexOf('FAIL  I1'), stdout.indexOf('FAIL  I2'));
    expect(attack.trimEnd()).toBe(readFileSync(join(root, 'test/golden/B2-attack.txt'), 'utf8').trimEnd());
  });

  test.each([
    [['check', 'owership'], 'there is no system owership; there are ownership'],
    [['check', 'ownership', '--profile', '9p'], 'ownership has no profile 9p'],
    [['check', 'ownership', '--set', 'pages=0'], 'pages=0: expected a whole number from 1 to 12'],
    [['check', 'ownership', '--set', 'pages=two'], 'pages=two: expected a whole number from 1 to 12'],
    [
      ['check', 'ownership', '--set', 'gpas=theirs'],
      'gpas=theirs: expected a whole number from 1 to 12 or own',
    ],
    [['check', 'ownership', '--set', 'pages'], '--set pages: expected NAME=VALUE'],
    [['check', 'ownership', '--set', 'pages=1,range=2'], 'range=2 is longer than pages=1'],
    [['check', 'ownership', '--mutant', 'B99'], 'ownership has no mutant B99'],
    [['check', '--profile', '2p2g2k'], '--profile, --set and --revision need the name of one system'],
    [['check', 'ownership', '--max-states', '-3'], 'expected a whole number of at least 1'],
    [['check', '--frobnicate'], "unknown option '--frobnicate'"],
    [['frobnicate'], "unknown command 'frobnicate'"],
  ])('%j is a usage error in one line', async (args, message) => {
    const { code, stdout, stderr } = await pagewarden(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a bound that is hit is partial: it says so and ends with 30', async () => {
    const { code, stdout } = await pagewarden(
      'check',
      'ownership',
      '--profile',
      '3p2g3k',
      '--max-states',
      '100',
    );
    expect(code).toBe(30);
    expect(stdout).toMatch(/^PARTIAL ownership/);
    expect(stdout).toContain('PARTIAL: the bound on states was hit');
  });

  test('Ctrl-C ends it with what it found, partial, with 30, however early it comes', async () => {
    const size = 'pages=9,gpas=own,protected=2,normal=2,calls=matching';
    const { code, stdout } = await interrupted('check', 'ownership', '--set', size, '--json');
    expect(code).toBe(30);
    expect(JSON.parse(stdout)).toMatchObject({ result: 'partial', bound: 'interrupted' });
  });

  test('Ctrl-C between several runs is no pass', async () => {
    const { code, stdout } = await interrupted('check', 'ownership', 'vp-assist-page', '--json');
    expect(code).toBe(30);
    expect(JSON.parse(stdout)).toMatchObject({ result: 'partial', runs: [{ result: 'partial' }] });
  });

  test('Ctrl-C kills a command that has nothing to say when it is cut short', async () => {
    const { code, stdout } = await interrupted('walk', '--jsonl');
    expect([code, stdout]).toEqual([-1, '']);
  });

  test('Ctrl-C ends a session of the oracle as partial', async () => {
    expect(await interrupted('oracle', 'serve')).toMatchObject({ code: 30, stdout: '' });
  });

  test('a twin that disagrees where no property is violated ends with 15', async () => {
    const { code } = await pagewarden('check', 'ownership', '--profile', '2p2g2k', '--mutant', 'B12');
    expect(code).toBe(15);
  });
});

describe('pagewarden mutants and list', () => {
  test('a mutant that there is not is a usage error and nothing else', async () => {
    const { code, stdout, stderr } = await pagewarden('mutants', '--only', 'nope');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^pagewarden: there is no mutant nope in ownership, counted-sharing, isolation, [^\n]+\n$/,
    );
  });

  test('a mutant is looked for in every system, and only those that have it are told of', async () => {
    const { code, stdout } = await pagewarden('mutants', '--only', 'v1', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ systems: [{ system: 'vp-assist-page', mutants: [{}] }] });
  });

  test('several threads say the same as one, and every sentence of the system has a mutant', async () => {
    const [alone, together] = await Promise.all(
      ['1', '2'].map(workers => pagewarden('mutants', 'vp-assist-page', '--workers', workers, '--json')),
    );
    expect(together).toEqual(alone);
    expect(alone?.code).toBe(0);
    expect(JSON.parse(alone?.stdout ?? '')).toMatchObject({
      systems: [{ mutants: [{ verdict: 'killed' }, { verdict: 'killed' }], unkilled: [] }],
    });
  });

  test('tries one mutant and shows its attack in full', async () => {
    const { code, stdout } = await pagewarden('mutants', 'ownership', '--only', 'B24', '--attacks');
    expect(code).toBe(0);
    expect(stdout).toContain('host_donate_guest(hpa=0x3000, vm=16');
    expect(stdout).toContain('1 mutant: 1 killed');
  });

  test('a mutant that does not exist is a usage error', async () => {
    expect((await pagewarden('mutants', 'ownership', '--only', 'B99')).code).toBe(1);
  });

  test('list names every system with its profiles, properties and mutants', async () => {
    const { code, stdout } = await pagewarden('list', '--json');
    const { systems } = JSON.parse(stdout) as {
      systems: { name: string; properties: unknown[]; mutants: unknown[] }[];
    };
    expect(code).toBe(0);
    expect(systems.every(({ properties, mutants }) => properties.length > 0 && mutants.length > 0)).toBe(
      true,
    );
  });

  test('mutants that were cut short say how many were not tried, and nothing of what those would break', async () => {
    const { code, stdout } = await interrupted('mutants', 'ownership', '--workers', '1');
    expect(code).toBe(30);
    expect(stdout).toMatch(/PARTIAL: interrupted; \d+ of \d+ mutants were not tried/);
    expect(stdout).not.toContain('no mutant violates');
  });

  test('of several runs each that passed is a line; -v tells them in full', async () => {
    const { stdout } = await pagewarden('check', 'vp-assist-page');
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stdout).toMatch(/^PASS {4}vp-assist-page\/merged +6 states +30 transitions {2}4 hold/);
    expect((await pagewarden('check', 'vp-assist-page', '-v')).stdout).toContain('exhaustive');
  });

  test('a size of one’s own is printed whole, and an option that is given twice is refused', async () => {
    const { stdout } = await pagewarden('check', 'ownership', '--set', 'pages=2');
    expect(stdout).toContain('pages=2,gpas=1,protected=1,normal=1,range=1,mmio=0,prots=1,calls=all');
    const twice = await pagewarden('check', 'ownership', '--profile', '1p1g1k', '--profile', '2p2g2k');
    expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining('It is given twice')]);
  });

  test('the help gives the exit codes, and that of every subcommand says where', async () => {
    const root = await program(['--help']);
    const helpOf = (command: Command): string => {
      let text = '';
      command.configureOutput({ writeOut: part => void (text += part) }).outputHelp();
      return text;
    };
    expect(root.commands.map(command => command.name())).toEqual([...commands.keys()]);
    const first = helpOf(root);
    for (const [code, meaning] of exitMeanings)
      expect(first).toContain(`${String(code).padStart(2)}  ${meaning}`);
    for (const command of root.commands)
      expect([command.name(), helpOf(command)]).toEqual([
        command.name(),
        expect.stringContaining('Exit codes: pagewarden --help'),
      ]);
  });
});
