import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pageOwnership } from '../../machines/index.ts';
import { leafChecks } from '../../model/pkvm/index.ts';
import { systems } from '../../systems/index.ts';

/**
 * What our citations quote, one passage a line and white space folded, so that a citation can be looked up without
 * the seed at hand. A passage that is quoted here and not in the seed is a mistake of whoever wrote this file.
 */
const quotable = readFileSync(join(import.meta.dirname, '../golden/seed-004-text.txt'), 'utf8').replace(
  /\s+/g,
  ' ',
);

const sources = (): string[] =>
  systems.flatMap(family =>
    family.build(family.profiles[0]?.parameters ?? {}).properties.map(({ source }) => source),
  );

test('every property of every system says where it comes from', () => {
  expect(sources().filter(source => source.trim().length < 5)).toEqual([]);
});

test('what the page-ownership machine, the checks and the properties quote from seed 004 stands there', () => {
  const config = JSON.stringify(pageOwnership.config);
  const quotes = [config, ...sources(), ...leafChecks.map(({ source }) => source)]
    .flatMap(text => [...text.matchAll(/seed 004, \\?"(.+?)\\?"/g)])
    .map(match => match[1] ?? '');
  expect(quotes.length).toBeGreaterThan(14);
  expect(quotes.filter(quote => !quotable.includes(quote.replace(/\s+/g, ' ')))).toEqual([]);
});
