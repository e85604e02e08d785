import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A text with quoting marks, patch marks and line breaks taken away, so that a sentence can be looked up in it. */
const asProse = (text: string): string =>
  text
    .split('\n')
    .map(line => line.replace(/^(?:[+>]|\s)*/, ''))
    .join(' ')
    .replace(/\s+/g, ' ');

const files = new Map<string, string>([
  ...readdirSync(join(root, 'docs/seeds')).map(
    name =>
      [`seed ${name.slice(0, 3)}`, asProse(readFileSync(join(root, 'docs/seeds', name), 'utf8'))] as const,
  ),
  ...readdirSync(join(root, 'docs/facts')).map(
    name => [`facts/${name}`, asProse(readFileSync(join(root, 'docs/facts', name), 'utf8'))] as const,
  ),
]);

/**
 * What is wrong with a citation, or `undefined`: `seed 001, "its words"`, `facts/ept-spp.md 2.1, "its words"`, or an
 * SDM section by its title, whose text is not here.
 */
export function citationProblem(source: string): string | undefined {
  if (/^SDM vol\. 3C, ".+"/.test(source)) return undefined;
  const match = /^(seed \d{3}|facts\/[a-z-]+\.md)(?: [\d.]+)?, "(.+)"$/.exec(source);
  const [, file, words] = match ?? [];
  if (file === undefined || words === undefined) return `"${source}" names no source and its words`;
  const text = files.get(file);
  if (text === undefined) return `there is no ${file}`;
  return text.includes(words.replace(/\s+/g, ' ')) ? undefined : `${file} does not say "${words}"`;
}
