import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const decoded = (text: string): string => decodeURIComponent(text.replaceAll('&amp;', '&'));

/** The places of a page that a link may name. */
const anchorsOf = (html: string): ReadonlySet<string> =>
  new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => decoded(id)));

/** Every link of every page below a folder that leads to no file, or to no place in it. Links to the web are let be. */
export function brokenLinks(folder: string): {
  readonly links: number;
  readonly broken: readonly string[];
} {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const pages = names.filter(name => name.endsWith('.html') && !name.startsWith('explorer'));
  const anchors = new Map(
    pages.map(name => [resolve(folder, name), anchorsOf(readFileSync(join(folder, name), 'utf8'))]),
  );
  let links = 0;
  const broken = new Set<string>();
  for (const name of pages) {
    const page = resolve(folder, name);
    for (const [, link = ''] of readFileSync(page, 'utf8').matchAll(/\s(?:href|src)="([^"]+)"/g)) {
      if (/^(?:[a-z]+:|\/\/)/.test(link)) continue;
      links++;
      const [path = '', anchor = ''] = link.split('#');
      const target = path === '' ? page : resolve(dirname(page), decoded(path.replace(/\?.*/, '')));
      const isThere = existsSync(target) && statSync(target).isFile() && target.startsWith(resolve(folder));
      const hasAnchor = anchor === '' || (anchors.get(target)?.has(decoded(anchor)) ?? true);
      if (!isThere || !hasAnchor) broken.add(`${relative(folder, page)}: ${link}`);
    }
  }
  return { links, broken: [...broken] };
}
