import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { leafChecks } from '../model/pkvm/index.ts';
import * as machines from '../machines/index.ts';
import { systems } from '../systems/all.ts';
import { citationProblem } from './citation-problem.ts';

/**
 * Citations are part of the specification, so they are tested. `model/citation.ts` makes every source; here each of
 * its functions also writes down what it made, every room is loaded and every profile built, and all that was made is
 * looked up: the file, the section, the label, the quoted words.
 */
const { made } = vi.hoisted(() => {
  // test files of one worker share its modules (vitest.config.ts): here every one is loaded anew, to be listened to
  vi.resetModules();
  return { made: new Set<string>() };
});

vi.mock('../model/citation.ts', async load => {
  type Make = (...args: never[]) => string;
  const actual = await load<Record<string, Make | Record<string, Make>>>();
  const noting =
    (make: Make): Make =>
    (...args) => {
      const source = make(...args);
      made.add(source);
      return source;
    };
  return Object.fromEntries(
    Object.entries(actual).map(([name, make]) => [
      name,
      typeof make === 'function'
        ? noting(make)
        : Object.fromEntries(Object.entries(make).map(([file, of]) => [file, noting(of)])),
    ]),
  );
});

const root = join(import.meta.dirname, '..');
const files = [
  'model',
  'machines',
  'properties',
  'systems',
  'oracle',
  'evidence',
  'suites',
  'graphs',
  'explorer',
  'checker',
].flatMap(room =>
  existsSync(join(root, room))
    ? readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter(name => /\.tsx?$/.test(name) && name !== 'vite.config.ts')
        .map(name => join(room, name))
    : [],
);
const loadAll = () =>
  Promise.all(
    files
      .filter(file => file.endsWith('.ts') && !file.startsWith('checker'))
      .map(file => import(join(root, file))),
  );

const profiles = systems.flatMap(system =>
  system.profiles.map(({ name, parameters }) => ({
    name: `${system.name}/${name}`,
    build: () => system.build(parameters),
  })),
);

test('every source says where to look, and the words stand there', async () => {
  await loadAll();
  for (const { build } of profiles) build();
  expect(made.size).toBeGreaterThan(400);
  expect([...made].flatMap(source => citationProblem(source) ?? [])).toEqual([]);
});

test('what has a source has it from model/citation.ts', () => {
  const cited = [
    ...profiles.flatMap(({ build }) => build().properties),
    ...systems.flatMap(({ mutants }) => mutants),
    ...leafChecks,
  ];
  expect(cited.length).toBeGreaterThan(100);
  expect(cited.filter(({ source }) => !made.has(source)).map(({ name, source }) => [name, source])).toEqual(
    [],
  );
});

/** What one state of a machine's configuration says, its arrows' and inner states' `meta` with it. */
interface Metas {
  readonly meta?: { readonly source?: string };
  readonly [key: string]: unknown;
}
const metasOf = (node: unknown): readonly Metas[] =>
  typeof node === 'object' && node !== null
    ? [node as Metas, ...Object.values(node).flatMap(metasOf)].filter(({ meta }) => meta !== undefined)
    : [];

test('every arrow of every machine says where it is written', () => {
  const configs = Object.values(machines).flatMap(machine =>
    typeof machine === 'object' && 'config' in machine ? [machine.config] : [],
  );
  expect(configs.length).toBeGreaterThan(5);
  const sources = configs.flatMap(metasOf).map(({ meta }) => meta?.source);
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter(source => source === undefined || !made.has(source))).toEqual([]);
});

const commentsOf = (file: string): string =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/\/\*\*?[\s\S]*?\*\/|(?:\/\/[^\n]*\n\s*)+/g)]
    .map(([comment]) => comment.replace(/\n\s*(\*|\/\/) ?/g, ' '))
    .join('\n');

test('what a comment quotes from a seed, the facts or the design stands there', () => {
  const wrong = files
    .filter(file => file !== 'model/citation.ts')
    .flatMap(file =>
      [
        ...commentsOf(file).matchAll(
          /seed 00\d, "[^"]+"|facts\/[\w-]+\.md(?: \d+(?:\.\d+)*[a-z]?(?:, [A-Z]\d+\b)?(?:, "[^"]+")?)?|design\.md(?: [A-Z][\w ]*)?, "[^"]+"/g,
        ),
      ]
        .filter(([citation]) => !/^facts\/[\w-]+\.md$/.test(citation))
        .flatMap(([citation]) => {
          const problem = citationProblem(citation);
          return problem === undefined ? [] : [`${file}: ${problem}`];
        }),
    );
  expect(wrong).toEqual([]);
});

test('nothing but model/citation.ts makes a source', () => {
  const makers = files.filter(file => /\bas Source\b/.test(readFileSync(join(root, file), 'utf8')));
  expect(makers).toEqual(['model/citation.ts']);
});

test('a citation of what is not there is noticed', () => {
  expect(citationProblem('seed 001, "if-entry-misconfiguration"')).toBeUndefined();
  expect(citationProblem('seed 001, "no such words"')).toBe('seed 001 does not say "no such words"');
  expect(citationProblem('seed 009, "words"')).toBe('there is no seed 009');
  expect(citationProblem('facts/pkvm.md 5, B2')).toBeUndefined();
  expect(citationProblem('facts/pkvm.md 5, I8, B99')).toBe('facts/pkvm.md 5 has no B99');
  expect(citationProblem('facts/pkvm.md 9')).toBe('facts/pkvm.md has no section 9');
  expect(citationProblem('facts/nested-state-and-hyperv.md 6a 1, 19')).toContain('has no row 19');
  expect(citationProblem('facts/no.md 1')).toBe('there is no facts/no.md');
  expect(citationProblem('design.md Ownership, "no such choice"')).toContain('does not say');
  expect(citationProblem('design.md Nothing, "words"')).toBe('design.md has no section Nothing');
  expect(citationProblem('issue 5, "words"')).toBe('"issue 5, "words"" names no source');
  expect(citationProblem('facts 3.2, "words"')).toContain('names no source');
});
