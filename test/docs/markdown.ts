import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The pages that we wrote: sources and facts are other people's words, or notes of what was seen. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter(name => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
  ...['checker', 'bench', 'examples'].map(room => join(room, 'README.md')),
].filter(page => existsSync(join(root, page)));

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** A fenced block: its info string, its lines, and where it stands. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

export const blocksOf = (page: string): readonly Block[] =>
  [...textOf(page).matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: text = '' }) => ({
      page,
      line: textOf(page).slice(0, index).split('\n').length,
      language: language.trim(),
      text,
    }),
  );

/** The page without its fenced blocks. */
export const proseOf = (page: string): string => textOf(page).replace(/^```.*\n[\s\S]*?^```$/gm, '');

/** What a page links to in this repository, as paths from its root, with the heading that is meant. */
export const linksOf = (page: string): readonly { readonly path: string; readonly heading?: string }[] =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^[a-z]+:/.test(target))
    .map(target => {
      const [path = '', heading] = target.split('#');
      const from = path === '' ? page : join(dirname(page), path);
      return { path: from, ...(heading === undefined ? {} : { heading }) };
    });

/** The anchors that a page's headings get. */
export const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
