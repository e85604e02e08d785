import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the texts are that sources name: in the package as in the sources. */
const docs = join(dirname(createRequire(import.meta.url).resolve('pagewarden/package.json')), 'docs');

/** What a source names, as it stands there. */
export interface Passage {
  /** The file, from `docs/` on, and the line. */
  readonly place: string;
  readonly lines: readonly string[];
}

/** Without quoting marks, patch marks and code marks, as `test/citations.test.ts` compares. */
const plain = (text: string): string =>
  text
    .split('\n')
    .map(line => line.replace(/^(?:[+>|]|\s)*/, ''))
    .join(' ')
    .replace(/`|\*\*/g, '')
    .replace(/\s+/g, ' ');

/** A passage is quoted with so many lines, a long line with so many letters on both sides of the words. */
const mostLines = 12;
const aside = 200;

/** The part of a long line around some words. */
function cut(line: string, words: string): string {
  const at = line.indexOf(words);
  if (line.length < 3 * aside || at < 0) return line.trim();
  const [from, to] = [Math.max(0, at - aside), Math.min(line.length, at + words.length + aside)];
  return `${from > 0 ? '… ' : ''}${line.slice(from, to).trim()}${to < line.length ? ' …' : ''}`;
}

/** The fewest lines, from one line on, that hold the words; `…` in them leaves something out. */
function linesWith(
  lines: readonly string[],
  words: string,
  from: number,
): { readonly at: number; readonly part: readonly string[] } | undefined {
  const [first = ''] = words.split('…').map(piece => plain(piece).trim());
  const [begin = ''] = first.split(' ');
  for (let start = from; start < lines.length; start++) {
    if (!plain(lines[start] ?? '').includes(begin)) continue;
    for (let count = 1; count <= mostLines; count++) {
      const part = lines.slice(start, start + count);
      if (!plain(part.join('\n')).includes(first)) continue;
      const rest = lines.slice(start + 1, start + count);
      if (count > 1 && plain(rest.join('\n')).includes(first)) break;
      return { at: start + 1, part: part.map(line => cut(line, first)) };
    }
  }
  return undefined;
}

function passageIn(file: string, words: string, heading?: string): Passage[] {
  const lines = readFileSync(join(docs, file), 'utf8').split('\n');
  const from =
    heading === undefined
      ? 0
      : Math.max(
          0,
          lines.findIndex(line => /^#/.test(line) && line.replace(/^#+ /, '').startsWith(heading)),
        );
  const found = linesWith(lines, words, from);
  return found === undefined ? [] : [{ place: `docs/${file}:${found.at}`, lines: found.part }];
}

/** The row or the line of a facts file that begins with a label, or else the first that has it. */
function labelled(file: string, section: string, label: string): Passage[] {
  const lines = readFileSync(join(docs, file), 'utf8').split('\n');
  const start = lines.findIndex(line => new RegExp(`^#+ ${section.replaceAll('.', '\\.')}[. ]`).test(line));
  const row = lines.findIndex(
    (line, at) => at > start && new RegExp(`^(?:\\||[-*]|\\s)*\\**${label}\\b`).test(line),
  );
  const line = lines[row];
  return line === undefined ? [] : [{ place: `docs/${file}:${row + 1}`, lines: [line.trim()] }];
}

/** Numbered rows, `6a 3, 5, 6b 14`, each in the section named last; where no row is named, the section's heading. */
function rowsOf(file: string, sections: string): Passage[] {
  const lines = readFileSync(join(docs, file), 'utf8').split('\n');
  let section = '';
  return sections.split(', ').flatMap(part => {
    const [, named, number] = /^(\d+(?:[.]\d+)*[a-z]?)(?: (\d+))?$/.exec(part) ?? [];
    const isRow = section !== '' && number === undefined && /^\d+$/.test(part);
    if (!isRow) section = named ?? '';
    const heading = lines.findIndex(line =>
      new RegExp(`^#+ ${section.replaceAll('.', '\\.')}[. ]`).test(line),
    );
    const row = isRow ? part : number;
    const at =
      row === undefined
        ? heading
        : lines.findIndex(
            (line, place) => place > heading && new RegExp(`^(\\| )?${row}( \\||\\. )`).test(line),
          );
    const line = lines[at];
    return line === undefined ? [] : [{ place: `docs/${file}:${at + 1}`, lines: [line.trim()] }];
  });
}

/** What a source's parts say, word for word; nothing of texts that are not in the house. */
export function passagesOf(source: string): readonly Passage[] {
  const found = source
    .split(/; (?=seed \d|facts\/|design\.md |guarded-page\.md |SDM |Linux, |found here)/)
    .flatMap(part => {
      const [, number, inSeed] = /^seed (\d{3}), "(.+)"$/s.exec(part) ?? [];
      if (number !== undefined && inSeed !== undefined) {
        const name = readdirSync(join(docs, 'seeds')).find(file => file.startsWith(number));
        return name === undefined ? [] : passageIn(`seeds/${name}`, inSeed);
      }
      const [, page, title, words] = /^((?:design|guarded-page)\.md) ([^,"]*), "(.+)"$/s.exec(part) ?? [];
      if (page !== undefined && words !== undefined) return passageIn(page, words, title);
      const [, file, sections = '', rest] =
        /^(facts\/[\w-]+\.md) ((?:(?:, )?\d+[.\w]*(?: \d+)?(?=$|, | \d))*)(.*)$/s.exec(part) ?? [];
      if (file === undefined) return [];
      const section = /^[\w.]+/.exec(sections)?.[0] ?? '';
      const [, quoted] = /"(.*)"$/s.exec(rest ?? '') ?? [];
      const labels = [...(rest ?? '').matchAll(/, ([A-Z]{1,2}\d+[a-z]?)/g)].map(([, label = '']) => label);
      const said = [
        ...labels.flatMap(label => labelled(file, section, label)),
        ...(quoted === undefined ? [] : passageIn(file, quoted)),
      ];
      return said.length > 0 ? said : rowsOf(file, sections);
    });
  return [...new Map(found.map(passage => [passage.place, passage])).values()];
}
