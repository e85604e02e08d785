import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { brokenLinks } from './links.ts';

/*
 * One static folder from what is there: the docs and the API (TypeDoc), the pictures drawn, the explorer. It is put
 * together from copies, in which Mermaid's blocks are pictures of Graphviz: a page has no Mermaid.
 */
const root = resolve(import.meta.dirname, '../../..');
const out = resolve(root, process.argv[2] ?? 'dist/site');

/** What is copied, and which of it are pages beside the API. */
const copied = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'docs',
  'examples',
  'graphs/pictures.md',
  'bench/README.md',
  'checker/README.md',
];
const pages = [
  'docs/*.md',
  'graphs/pictures.md',
  'bench/README.md',
  'checker/README.md',
  'examples/README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
];

const pagewarden = (...args: string[]): string =>
  String(execFileSync(process.execPath, [join(root, 'dist/cli/pagewarden.js'), ...args], { cwd: root }));

/** `<!-- pagewarden graph machine NAME -->` and the Mermaid block below it: the picture of the same command. */
const drawn = (text: string, name: string): string =>
  text.replace(
    /<!-- pagewarden (graph machine ([\w-]+)) -->\s*```mermaid\n[^]*?```/g,
    (_, command: string, machine: string) => {
      const picture = `${machine}.svg`;
      writeFileSync(join(dirname(name), picture), pagewarden(...command.split(' '), '-f', 'svg'));
      return `![the machine ${machine}](${picture})`;
    },
  );

const source = mkdtempSync(join(tmpdir(), 'pagewarden-site-'));
for (const path of copied) {
  mkdirSync(dirname(join(source, path)), { recursive: true });
  cpSync(join(root, path), join(source, path), { recursive: true });
}
for (const path of ['README.md', 'graphs/pictures.md']) {
  const file = join(source, path);
  const text = drawn(readFileSync(file, 'utf8'), file);
  // TypeDoc writes the title itself
  const first = text.replace(/^# .*\n/, '**[Open the explorer](explorer/index.html)**\n');
  writeFileSync(file, path === 'README.md' ? first : text);
}
rmSync(out, { recursive: true, force: true });
const options = [
  ...['--options', join(root, 'typedoc.json'), '--out', out, '--readme', join(source, 'README.md')],
  ...pages.flatMap(page => ['--projectDocuments', join(source, page)]),
  // links to single files of the sources lead nowhere in a site without them; what is broken is counted below
  ...['--treatWarningsAsErrors', 'false', '--logLevel', 'Error'],
  ...['--customCss', join(root, 'bench/site/site.css')],
];
execFileSync(process.execPath, [join(root, 'node_modules/typedoc/bin/typedoc'), ...options], {
  cwd: root,
  stdio: 'inherit',
});
cpSync(join(root, 'dist/explorer'), join(out, 'explorer'), { recursive: true });
rmSync(source, { recursive: true });
// a link to a folder opens its index on a server, and a list of files from a disk
for (const name of readdirSync(join(out, 'documents'))) {
  const file = join(out, 'documents', name);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('href="../#', 'href="../index.html#'));
}
const { links, broken } = brokenLinks(out);
for (const link of broken) console.error(link);
console.log(`${out}: ${links} links, ${broken.length} of them broken`);
process.exitCode = broken.length === 0 ? 0 : 1;
