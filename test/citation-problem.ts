import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const docs = resolve(import.meta.dirname, '../docs');

/** A text with quoting marks, patch marks and line breaks taken away, so that a sentence can be looked up in it. */
const asProse = (text: string): string =>
  text
    .split('\n')
    .map(line => line.replace(/^(?:[+>]|\s)*/, ''))
    .join(' ')
    .replace(/\s+/g, ' ');

const read = (path: string): string => readFileSync(join(docs, path), 'utf8');
const seeds = new Map(
  readdirSync(join(docs, 'seeds')).map(name => [name.slice(0, 3), asProse(read(`seeds/${name}`))]),
);

/** The text under a heading, sub-headings included; of a numbered heading the number is enough. */
function sectionOf(file: string, title: string): string | undefined {
  const lines = read(file).split('\n');
  const isTitle = (line: string): boolean =>
    /^#+ /.test(line) && line.replace(/^#+ /, '').replace(/^(\d+(?:\.\d+)*[a-z]?)\.? .*/, '$1') === title;
  const start = lines.findIndex(isTitle);
  if (start === -1) return undefined;
  const depth = lines[start]?.indexOf(' ') ?? 0;
  const length = lines.slice(start + 1).findIndex(line => /^#+ /.test(line) && line.indexOf(' ') <= depth);
  return lines.slice(start, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** Whether the words stand there, in one piece but for what `…` leaves out; code and bold marks do not count. */
function says(text: string, words: string): boolean {
  const plain = (prose: string): string => prose.replace(/`|\*\*/g, '').replace(/\s+/g, ' ');
  const prose = plain(asProse(text));
  return words.split('…').every(piece => prose.includes(plain(piece).trim()));
}

/** `, I8, "words"` as what is named and what is quoted. */
function factsProblem(file: string, place: string): string | undefined {
  if (!existsSync(join(docs, file))) return `there is no ${file}`;
  const [, sections = '', rest = ''] =
    /^((?:(?:, )?\d+[.\w]*(?: \d+)?(?=$|, | \d))*)(.*)$/s.exec(place) ?? [];
  let text = '';
  for (const part of sections.split(', ')) {
    const [, section, row] = /^(\d+(?:[.]\d+)*[a-z]?)(?: (\d+))?$/.exec(part) ?? [];
    // `6a 3, 5` names two rows of one section
    const isRow = text !== '' && row === undefined && /^\d+$/.test(part);
    if (!isRow) text = sectionOf(file, section ?? '') ?? '';
    if (text === '') return `${file} has no section ${part}`;
    const number = isRow ? part : row;
    if (number !== undefined && !new RegExp(`^(\\| )?${number}( \\||\\. )`, 'm').test(text))
      return `${file} has no row ${part}`;
  }
  const [, labels = '', words] = /^((?:, [A-Z]{1,2}\d+[a-z]?)*)(?:, "(.*)")?$/s.exec(rest) ?? [];
  if (labels === '' && words === undefined && rest !== '') return `${file}: "${rest}" names nothing`;
  for (const label of labels.split(', ').slice(1))
    if (!new RegExp(`\\b${label}\\b`).test(text)) return `${file} ${sections} has no ${label}`;
  return words === undefined || says(text, words)
    ? undefined
    : `${file} ${sections} does not say "${words}"`;
}

const ours = new Set([
  'the check itself',
  'the write itself',
  'the unlocking itself',
  'the profile: own gpas',
  'found here',
  'a limit of this oracle',
]);

function partProblem(part: string): string | undefined {
  if (ours.has(part)) return undefined;
  const seed = /^seed (\d{3}), "(.+)"$/s.exec(part);
  if (seed?.[1] !== undefined && seed[2] !== undefined) {
    const text = seeds.get(seed[1]);
    if (text === undefined) return `there is no seed ${seed[1]}`;
    return says(text, seed[2]) ? undefined : `seed ${seed[1]} does not say "${seed[2]}"`;
  }
  const facts = /^(facts\/[\w-]+\.md) (.+)$/s.exec(part);
  if (facts?.[1] !== undefined && facts[2] !== undefined) return factsProblem(facts[1], facts[2]);
  const page = /^((?:design|guarded-page)\.md) ([A-Z][^,"]*), "(.+)"$/s.exec(part);
  const [, file, title, words] = page ?? [];
  if (file !== undefined && title !== undefined && words !== undefined) {
    const text = sectionOf(file, title);
    if (text === undefined) return `${file} has no section ${title}`;
    return says(text, words) ? undefined : `${file} ${title} does not say "${words}"`;
  }
  // texts that are not in the house: the form is all that can be held
  if (/^SDM vol\. 3C, ".+"(: .+)?$/.test(part)) return undefined;
  if (/^Linux, commit ".+"$/.test(part)) return undefined;
  if (/^(x86|svm\/nested|vmx\/nested)\.c, \w+(, (\w+|"[^"]+"))*$/.test(part)) return undefined;
  return `"${part}" names no source`;
}

/** What is wrong with a source as `model/citation.ts` makes them, or `undefined`: nothing. */
export function citationProblem(source: string): string | undefined {
  const parts = source.split(
    /; (?=seed \d|facts\/|design\.md |guarded-page\.md |SDM |Linux, |(?:x86|svm\/nested|vmx\/nested)\.c|found here)/,
  );
  return parts.flatMap(part => partProblem(part) ?? []).at(0);
}
