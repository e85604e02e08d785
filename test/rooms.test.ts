import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** The rooms, and which rooms each may import: imports only go down. */
const mayImport: Record<string, readonly string[]> = {
  cli: ['oracle', 'graphs', 'systems', 'properties', 'machines', 'model', 'checker'],
  explorer: ['oracle', 'graphs', 'systems', 'properties', 'machines', 'model', 'checker'],
  oracle: ['systems', 'properties', 'model', 'checker'],
  graphs: ['systems', 'checker', 'machines'],
  systems: ['machines', 'model', 'properties', 'checker'],
  properties: ['model', 'checker'],
  machines: ['model'],
  model: [],
  checker: [],
};
const root = resolve(import.meta.dirname, '..');

const sourceFiles = (folder: string): string[] =>
  (existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    : []
  )
    .filter(name => /\.tsx?$/.test(name))
    .map(name => join(folder, name));

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    match => match[1] ?? '',
  );

for (const [room, allowed] of Object.entries(mayImport)) {
  test(`${room}/ imports only ${allowed.join(', ') || 'itself'}`, () => {
    const wrong = sourceFiles(room).flatMap(file =>
      importsOf(file)
        .filter(name => name.startsWith('.'))
        .map(name => relative(root, resolve(root, file, '..', name)).split('/')[0] ?? '')
        .filter(target => target !== room && !allowed.includes(target))
        .map(target => `${file} imports ${target}/`),
    );
    expect(wrong).toEqual([]);
  });
}

/** Where Node's own modules may be used: everything else also runs in a page. */
const nodeIsAllowed = [/^cli\//, /^oracle\/io\//, /^checker\/node\//];

test('rooms that run in a page use no Node API', () => {
  const wrong = Object.keys(mayImport)
    .flatMap(sourceFiles)
    .filter(file => !nodeIsAllowed.some(place => place.test(file)))
    .filter(file => importsOf(file).some(name => name.startsWith('node:')));
  expect(wrong).toEqual([]);
});
