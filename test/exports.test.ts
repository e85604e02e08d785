import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { 'pagewarden-source': string; types: string; default: string } | string>;
};

const modules = Object.entries(exports).flatMap(([name, entry]) =>
  typeof entry === 'string' ? [] : [[name, entry] as const],
);

test.each(modules)('pagewarden%s can be imported, with its types', async (_, { types, default: code }) => {
  expect(existsSync(join(root, types))).toBe(true);
  const module = (await import(join(root, code))) as object;
  expect(Object.keys(module).length).toBeGreaterThan(0);
});

test('the API documentation is of every entry', () => {
  const { entryPoints } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8')) as {
    entryPoints: string[];
  };
  const sources = modules.map(([, entry]) => entry['pagewarden-source'].replace('./', ''));
  expect(entryPoints.toSorted()).toEqual(sources.toSorted());
});
