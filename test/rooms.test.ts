import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { circlesOf, filesImportedBy, importsOf, root, sourceFiles } from './import-graph.ts';

/** The rooms, and which rooms each may import: imports only go down. */
const mayImport: Record<string, readonly string[]> = {
  cli: ['suites', 'oracle', 'evidence', 'graphs', 'systems', 'properties', 'machines', 'model', 'checker'],
  explorer: ['oracle', 'evidence', 'graphs', 'systems', 'properties', 'machines', 'model', 'checker'],
  suites: ['oracle', 'systems', 'model', 'checker'],
  oracle: ['evidence', 'properties', 'model'],
  evidence: ['model'],
  graphs: ['systems', 'checker', 'machines'],
  systems: ['machines', 'model', 'properties', 'checker'],
  properties: ['model', 'checker'],
  machines: ['model'],
  model: [],
  checker: [],
};
for (const [room, allowed] of Object.entries(mayImport)) {
  test(`${room}/ imports only ${allowed.join(', ') || 'itself'}`, () => {
    const wrong = sourceFiles(room).flatMap(file =>
      filesImportedBy(file)
        .map(target => target.split('/')[0] ?? '')
        .filter(target => target !== room && !allowed.includes(target))
        .map(target => `${file} imports ${target}/`),
    );
    expect(wrong).toEqual([]);
  });
}

/** What judges: verdicts come from facts, never from the text that they were read from. */
const judge = ['implementations', 'step', 'audit', 'access'].map(folder => `oracle/${folder}`);

test('the judge does not read: verdicts are reached without a reader', () => {
  const reading = judge
    .flatMap(sourceFiles)
    .filter(file => importsOf(file).some(name => name.includes('/evidence/')));
  expect(reading).toEqual([]);
});

/** Where Node's own modules may be used: everything else also runs in a page. */
const nodeIsAllowed = [/^cli\//, /^oracle\/node\//, /^evidence\/node\//, /^checker\/node\//];

test('rooms that run in a page use no Node API', () => {
  const wrong = Object.keys(mayImport)
    .flatMap(sourceFiles)
    .filter(file => !nodeIsAllowed.some(place => place.test(file)))
    .filter(file => importsOf(file).some(name => name.startsWith('node:')));
  expect(wrong).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const files = [...Object.keys(mayImport), 'bench', 'test'].flatMap(sourceFiles);
  const circles = circlesOf(new Map(files.map(file => [file, filesImportedBy(file)])));
  expect(circles).toEqual([]);
});

test('a circle of three and a circle of two are found, and a file that is met twice is none', () => {
  const graph = new Map([
    ['a', ['b', 'e']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', ['e', 'outside']],
    ['e', ['d']],
    ['f', ['a', 'e']],
  ]);
  expect(circlesOf(graph)).toEqual([
    ['d', 'e'],
    ['a', 'b', 'c'],
  ]);
});

test('no system imports another system: what several share lies in systems/pages', () => {
  const systemOf = (file: string): string | undefined => /^systems\/([^/]+)\//.exec(file)?.[1];
  const shared = ['pages'];
  const loans = sourceFiles('systems').flatMap(file => {
    const own = systemOf(file);
    if (own === undefined) return [];
    return filesImportedBy(file)
      .map(systemOf)
      .filter(other => other !== undefined && other !== own && !shared.includes(other))
      .map(other => `${own} from ${other}`);
  });
  expect([...new Set(loans)]).toEqual([]);
});

test('only machines/ and what draws them know xstate: systems ask by machines/arrow.ts', () => {
  const mayUse = [/^machines\//, /^graphs\//];
  const wrong = Object.keys(mayImport)
    .flatMap(sourceFiles)
    .filter(file => !mayUse.some(place => place.test(file)))
    .filter(file => importsOf(file).some(name => name === 'xstate' || name.startsWith('@xstate/')));
  expect(wrong).toEqual([]);
});

test('machines/arrow.ts is the only place that asks a machine for its next state', () => {
  const asks =
    /\b(?:transition|getNextSnapshot|getInitialSnapshot|initialTransition|resolveState|createActor)\(/;
  const wrong = Object.keys(mayImport)
    .flatMap(sourceFiles)
    .filter(file => file !== 'machines/arrow.ts')
    .filter(
      file => importsOf(file).includes('xstate') && asks.test(readFileSync(join(root, file), 'utf8')),
    );
  expect(wrong).toEqual([]);
});

test("nobody reads a meaning out of a slot's name or of what a sentence says of it: Slot.is has it", () => {
  const parses =
    /(?:slot|cell)\.name\)?\.(?:startsWith|includes|endsWith|match)\(|\babout\.(?:startsWith|endsWith|match)\(|\babout\.includes\([`']|exec\((?:slot|cell)\.name/;
  const wrong = Object.keys(mayImport)
    .flatMap(sourceFiles)
    .filter(file => parses.test(readFileSync(join(root, file), 'utf8')));
  expect(wrong).toEqual([]);
  for (const line of ["slot.name.startsWith('host')", "about.includes('tlb')", 'named.exec(slot.name)'])
    expect(parses.test(line), line).toBe(true);
});
