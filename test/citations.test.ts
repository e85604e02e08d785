import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as machines from '../machines/index.ts';
import { leafChecks } from '../model/pkvm/index.ts';
import { systems } from '../systems/index.ts';

/**
 * Citations are part of the specification, so they are tested: `seed 004, "words"` must stand in that seed and
 * `facts/pkvm.md 5, B2` in that file. White space is folded; a seed's `[[` or line breaks do not count.
 */
const root = join(import.meta.dirname, '..');
const fold = (text: string): string => text.replace(/[\s>+]+/g, ' ');
const seeds = new Map(
  readdirSync(join(root, 'docs/seeds')).map(name => [
    name.slice(0, 3),
    fold(readFileSync(join(root, 'docs/seeds', name), 'utf8')),
  ]),
);

/** Every place in the sources that cites: strings and comments alike. */
const files = ['model', 'machines', 'properties', 'systems', 'oracle', 'graphs', 'checker'].flatMap(room =>
  existsSync(join(root, room))
    ? readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter(name => name.endsWith('.ts'))
        .map(name => join(room, name))
    : [],
);
const textOf = (file: string): string =>
  readFileSync(join(root, file), 'utf8')
    .replace(/\n\s*(\*|\/\/)\s?/g, ' ')
    .replace(/\\'/g, "'");

test('what is quoted from a seed stands in that seed', () => {
  const wrong = files.flatMap(file =>
    [...textOf(file).matchAll(/seeds? (00\d), "([^"]+?)"/g)]
      .filter(([, , words]) => words !== undefined && !words.includes('${'))
      .filter(
        ([, seed, words]) =>
          !words?.split('…').every(part => seeds.get(seed ?? '')?.includes(fold(part).trim())),
      )
      .map(([, seed, words]) => `${file}: seed ${seed}, "${words}"`),
  );
  expect(wrong).toEqual([]);
});

test('a facts file that is cited exists, and has the label that is cited', () => {
  const wrong = files.flatMap(file =>
    [...textOf(file).matchAll(/facts\/([\w-]+\.md)(?: [\d.]+)?(?:, ([A-Z]\d+)\b)?/g)]
      .filter(([, name, label]) => {
        const path = join(root, 'docs/facts', name ?? '');
        return (
          !existsSync(path) ||
          (label !== undefined && !new RegExp(`\\b${label}\\b`).test(readFileSync(path, 'utf8')))
        );
      })
      .map(([citation]) => `${file}: ${citation}`),
  );
  expect(wrong).toEqual([]);
});

const built = systems.map(family => family.build(family.profiles[0]?.parameters ?? {}));

test('every property, mutant and check says where it comes from', () => {
  const sources = [
    ...built.flatMap(({ properties }) => properties),
    ...systems.flatMap(({ mutants }) => mutants),
    ...leafChecks,
  ];
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter(({ source }) => source.trim().length < 5).map(({ name }) => name)).toEqual([]);
});

/** The machines' own citations, read from their configurations. */
const machineTexts = Object.values(machines).flatMap(machine =>
  typeof machine === 'object' && 'config' in machine
    ? [JSON.stringify(machine.config).replaceAll('\\"', '"')]
    : [],
);

test('what machines, checks and properties quote from a seed by a helper stands there too', () => {
  const sources = [...built.flatMap(({ properties }) => properties), ...leafChecks].map(
    ({ source }) => source,
  );
  const quotes = [...sources, ...machineTexts].flatMap(source =>
    [...source.matchAll(/seed (00\d), "(.+?)"/g)].map(([, seed, words]) => ({
      seed: seed ?? '',
      words: words ?? '',
    })),
  );
  expect(machineTexts.length).toBeGreaterThan(0);
  expect(quotes.length).toBeGreaterThan(30);
  expect(quotes.filter(({ seed, words }) => !seeds.get(seed)?.includes(fold(words).trim()))).toEqual([]);
});
