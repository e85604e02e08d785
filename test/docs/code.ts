import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { root } from './markdown.ts';

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, Record<string, string>>;
};

/** Code that imports from the package, with the sources in its place. */
const overSources = (code: string): string =>
  code.replace(/from 'pagewarden(\/[\w-]+)?'/g, (text, entry: string | undefined) => {
    const source = exports[`.${entry ?? ''}`]?.['pagewarden-source'];
    if (source === undefined) throw new Error(`${text}: there is no such entry`);
    return `from '${join(root, source)}'`;
  });

/** What the code says that it prints: the comments at the end of its `console.log` lines, and those below them. */
export const promised = (code: string): readonly string[] => {
  const lines = code.split('\n');
  const first = lines.findIndex(line => line.includes('console.log'));
  return lines
    .slice(first)
    .flatMap(line => /(?:^|console\.log.*)\/\/ (.*)$/.exec(line.trimStart())?.[1] ?? []);
};

/** The commands that the comment above the code gives, each with the lines that it says they print, among others. */
export const promisedOfCommands = (code: string): readonly { args: string[]; lines: string[] }[] => {
  const [, ...given] = (/\/\*\*[^]*?\*\//.exec(code)?.[0] ?? '').split('$ npx pagewarden ');
  return given.map(text => {
    const [command = '', ...lines] = text.split('\n').map(line => line.replace(/^ \* {3}/, ''));
    return { args: command.split(' '), lines: lines.filter(line => !line.startsWith(' *')) };
  });
};

/** Runs a piece of TypeScript and gives what it prints, a line each. */
export async function printedBy(name: string, code: string): Promise<readonly string[]> {
  const folder = join(root, 'test/docs/.run');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replace(/\W+/g, '-')}.ts`);
  writeFileSync(file, overSources(code));
  const printed: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    printed.push(parts.map(String).join(' '));
  });
  try {
    await import(file);
    return printed;
  } finally {
    spy.mockRestore();
    rmSync(file);
  }
}
