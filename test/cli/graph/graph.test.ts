import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { Exit } from '../../../cli/exit.ts';
import { fromJson } from '../../../graphs/json.ts';
import { machines } from '../../../machines/index.ts';
import { readAldebaran } from '../../graphs/read-aldebaran.ts';
import { pagewarden } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'pagewarden-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('graph machine', () => {
  for (const { name } of machines) {
    test(`draws ${name} in every format with the same states and transitions`, async () => {
      const json = fromJson(JSON.parse((await pagewarden('graph', 'machine', name, '-f', 'json')).out));
      const aut = readAldebaran((await pagewarden('graph', 'machine', name, '-f', 'aut')).out);
      expect([aut.states, aut.transitions.length]).toEqual([json.nodes.length, json.edges.length]);
      const xstate = createMachine(
        JSON.parse((await pagewarden('graph', 'machine', name, '-f', 'xstate')).out),
      );
      expect(Object.keys(xstate.states)).toHaveLength(json.nodes.length);
      const graphviz = await Graphviz.load();
      const dot = (await pagewarden('graph', 'machine', name, '-f', 'dot')).out;
      expect(JSON.parse(graphviz.layout(dot, 'json', 'dot')).objects).toHaveLength(json.nodes.length);
    });
  }

  test("of the page's life has the seed's five boxes and nine arrows, and the refused calls where asked", async () => {
    const legal = fromJson(
      JSON.parse((await pagewarden('graph', 'machine', 'page-ownership', '-f', 'json')).out),
    );
    expect([legal.nodes.length, legal.edges.length]).toEqual([5, 9]);
    const all = fromJson(
      JSON.parse((await pagewarden('graph', 'machine', 'page-ownership', '--refused', '-f', 'json')).out),
    );
    // five boxes times eight calls, nine of which go through
    expect(all.edges).toHaveLength(5 * 8);
    expect(all.edges.filter(({ refused }) => refused === true)).toHaveLength(5 * 8 - 9);
  });

  test('without such a machine or format is a usage error that names what there is', async () => {
    expect(await pagewarden('graph', 'machine', 'toaster')).toMatchObject({
      code: Exit.usage,
      error: expect.stringContaining('there are page-ownership'),
    });
    const png = await pagewarden('graph', 'machine', 'page-ownership', '-f', 'png');
    expect(png).toMatchObject({ code: Exit.usage, error: expect.stringContaining('mermaid, dot, svg') });
  });
});

describe('every machine', () => {
  for (const { name } of machines) {
    test(`${name} runs with its events to every state that it draws, and has a path to each`, async () => {
      const drawn = fromJson(JSON.parse((await pagewarden('graph', 'machine', name, '-f', 'json')).out));
      const run = fromJson(
        JSON.parse((await pagewarden('graph', 'machine', name, '--run', '-f', 'json')).out),
      );
      const paths = JSON.parse((await pagewarden('graph', 'paths', name, '--json')).out) as {
        to: string;
      }[];
      // states of one name that differ in context are numbered
      const names = new Set(run.nodes.map(({ id }) => id.replace(/ \(\d+\)$/, '')));
      expect(drawn.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining([...names]));
      expect(new Set(paths.map(({ to }) => to))).toEqual(names);
    });
  }
});

describe('graph states and graph quotient', () => {
  test("rediscover the seed's picture from the bits: the quotient by one page is the machine", async () => {
    const machine = fromJson(
      JSON.parse((await pagewarden('graph', 'machine', 'page-ownership', '-f', 'json')).out),
    );
    const small = ['--set', 'pages=2,gpas=2,protected=2,normal=1,range=2'];
    const quotient = fromJson(
      JSON.parse((await pagewarden('graph', 'quotient', 'ownership', ...small, '-f', 'json')).out),
    );
    const arrows = (graph: typeof machine): string[] =>
      [...new Set(graph.edges.map(({ from, to, event }) => `${from} --> ${to} : ${event}`))].sort();
    expect(arrows(quotient)).toEqual(arrows(machine));
    expect(quotient.nodes.map(({ id, label }) => [id, label]).sort()).toEqual(
      machine.nodes.map(({ id, label }) => [id, label]).sort(),
    );
  });

  test('of two pages show every pattern of two boxes that there can be', async () => {
    const { out } = await pagewarden(
      ...['graph', 'quotient', 'ownership', '--set', 'pages=2,gpas=own', '--view', 'pattern', '-f', 'json'],
    );
    // two of five boxes, in any order, repeats included
    expect(fromJson(JSON.parse(out)).nodes).toHaveLength(15);
  });

  test('refuse a picture that nobody can read, say what to draw instead, and draw when told to', async () => {
    const large = ['graph', 'states', 'ownership', '--set', 'pages=2,gpas=2,prots=2,range=2'];
    const refused = await pagewarden(...large);
    expect(refused.code).toBe(Exit.usage);
    expect(refused.error).toMatch(/boxes are more than anybody reads .*quotient.*--anyway/);
    expect((await pagewarden(...large, '--anyway')).out).toContain('stateDiagram-v2');
    expect(readAldebaran((await pagewarden(...large, '-f', 'aut')).out).states).toBeGreaterThan(150);
  });

  test('give up beyond the limit as partial', async () => {
    const { code, error } = await pagewarden('graph', 'states', 'ownership', '--limit', '3');
    expect(code).toBe(Exit.partial);
    expect(error).toContain('more than 3 states');
  });
});

describe('graph decision', () => {
  test('draws what a call reads, and ends in every result that it has', async () => {
    const size = ['ownership', '--profile', '2p2g2k'];
    const { out, code } = await pagewarden('graph', 'decision', ...size, '--call', 'guest_share_host');
    expect(code).toBe(0);
    expect(out).toContain('guest2[0x10000]');
    expect(out).toMatch(/ : 0<br>guest2\[0x10000\] ← 0x\w+.*<br>host\[0x3000\] ← 0x/);
    expect(out).toMatch(/ : -22\n/);
    expect(out).toMatch(/ : -1\n/);
  });

  test('of a call that there is not is a usage error that names those there are', async () => {
    const { error, code } = await pagewarden('graph', 'decision', 'vp-assist-page', '--call', 'nope');
    expect(code).toBe(Exit.usage);
    expect(error).toContain('has no call "nope"; it has ');
  });
});

describe('graph paths', () => {
  test('prints the shortest path to every state, a line each', async () => {
    expect((await pagewarden('graph', 'paths', 'page-ownership')).out.trim().split('\n')).toEqual([
      'init: (initial)',
      'donated_to_hyp: host_donate_hyp',
      'donated_to_guest: host_donate_guest',
      'shared_with_guest: host_share_guest',
      'shared_back_to_host: host_donate_guest, guest_share_host',
    ]);
  });

  test('prints every path that comes to no state twice', async () => {
    const { out } = await pagewarden('graph', 'paths', 'page-ownership', '--simple', '--json');
    // the picture is a tree but for the ways back: one simple path a state
    expect(JSON.parse(out)).toHaveLength(5);
  });
});

describe('graph trace and replay', () => {
  const mutant = [
    'check',
    'ownership',
    '--set',
    'pages=1',
    '--mutant',
    'B2',
    '--stop-at-violation',
    '--json',
  ];
  let report = '';
  let itf = '';
  beforeAll(async () => {
    report = file('report.json', (await pagewarden(...mutant)).out);
    itf = file('trace.itf.json', (await pagewarden('graph', 'trace', report, '-f', 'itf')).out);
  });

  test('draw a counterexample of check --json as a sequence diagram that ends in what it violates', async () => {
    const { out, code } = await pagewarden('graph', 'trace', report);
    expect(code).toBe(Exit.ok);
    expect(out).toMatch(/^sequenceDiagram\n/);
    expect(out.match(/->>pkvm: /g)).toHaveLength(2);
    expect(out).toMatch(/Note over pkvm: the owner of a page changes only/);
  });

  test('run the same trace again from either form, as recorded', async () => {
    for (const form of [report, itf]) {
      const { out, code } = await pagewarden('replay', form, '--property', 'the owner of a page changes');
      expect(code).toBe(Exit.ok);
      expect(out).toContain('hyp_donate_host(hpa=0x3000, size=0x1000) -> 0');
      expect(out).toContain('as recorded');
    }
  });

  test('say where a trace deviates: the bug is gone from the system that it is run in', async () => {
    const json = JSON.parse(readFileSync(itf, 'utf8'));
    delete json['#meta'].mutant;
    const { out, code } = await pagewarden('replay', file('fixed.itf.json', JSON.stringify(json)));
    expect(code).toBe(Exit.forbidden);
    expect(out).toContain('DEVIATES at step 2: the trace says 0, the call returned -EPERM');
  });

  test('say in one line what is wrong with a file', async () => {
    const cases: readonly (readonly [string, string])[] = [
      [file('no.json', '{'), 'not JSON'],
      [file('other.json', '{"a": 1}'), 'not a report of check --json: system'],
      [file('other.itf.json', '{"vars": [], "states": []}'), 'not an ITF trace of ours: #meta'],
      [join(folder, 'nowhere'), 'no such file'],
    ];
    for (const [path, why] of cases) {
      const { code, error } = await pagewarden('replay', path);
      expect([code, error.includes(why), error.includes('\n')]).toEqual([Exit.badInput, true, false]);
    }
  });
});
