import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { commands } from '../../cli/program.ts';
import { difference, shownIn, wordsOf } from './console.ts';
import { anchorsOf, type Block, blocksOf, linksOf, pages, proseOf, root } from './markdown.ts';
import { blockRunner } from './run.ts';

/** Blocks that are not run: what they run of ours exists. */
const scripted = ['sh', 'yaml', 'make'];

/** `console`, or `console TOOL` where the commands need a program that a machine may not have. */
const isConsole = ({ language }: Block): boolean => /^console( \w+)*$/.test(language);
const toolsOf = ({ language }: Block): readonly string[] => language.split(' ').slice(1);

function isInstalled(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether there is such a path; in its last part `*` stands for any characters. */
function isThere(path: string): boolean {
  if (!path.includes('*')) return existsSync(join(root, path));
  const name = new RegExp(`^${basename(path).replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  return readdirSync(join(root, dirname(path))).some(entry => name.test(entry));
}

describe.each(pages)('%s', page => {
  const blocks = blocksOf(page);

  test('links only to what there is', () => {
    const broken = linksOf(page).filter(
      ({ path, heading }) =>
        !existsSync(join(root, path)) || (heading !== undefined && !anchorsOf(path).has(heading)),
    );
    expect(broken).toEqual([]);
  });

  test.for(blocks.filter(isConsole).map(block => [block.line, block] as const))(
    'line %i: the commands print what is shown',
    async ([, block], { skip }) => {
      skip(!toolsOf(block).every(isInstalled), `needs ${toolsOf(block).join(', ')}`);
      const runner = blockRunner();
      onTestFinished(() => runner.end());
      for (const { command, output, code } of shownIn(block.text)) {
        const ended = await runner.run(command);
        expect(difference(output, ended.output), `$ ${command}`).toBeUndefined();
        expect(ended.code, `exit code of ${command}`).toBe(code);
      }
    },
  );

  test.for(blocks.filter(({ language }) => language === 'diff').map(block => [block.line, block] as const))(
    'line %i: the diff applies',
    ([, { text }]) => {
      const apply = (): string =>
        String(execFileSync('git', ['apply', '--check', '-'], { cwd: root, input: text, stdio: 'pipe' }));
      expect(apply).not.toThrow();
    },
  );

  test('every block is of a kind that is held to something', () => {
    // compared: console, ts, diff; drawn: mermaid; their commands exist: sh, yaml, make; text was measured once
    const kinds = ['ts', 'diff', 'mermaid', ...scripted, 'text', 'c', 'json'];
    const others = blocks.filter(block => !isConsole(block) && !kinds.includes(block.language));
    expect(others.map(({ line, language }) => `${line}: ${language}`)).toEqual([]);
  });

  test('names only files and scripts that there are', () => {
    const prose = proseOf(page);
    const files = [...prose.matchAll(/`((?:[a-z][\w-]*\/)+[\w.*{},-]*)`/g)].map(([, file = '']) => file);
    const rooms =
      /^(?:model|machines|properties|systems|checker|graphs|oracle|evidence|suites|explorer|cli|test|bench|docs|examples)\//;
    const scripts = [...prose.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    const inBlocks = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name));
    const known = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect({
      files: files.filter(file => rooms.test(file) && !isThere(file)),
      scripts: [...scripts, ...inBlocks].filter(name => !(name in known.scripts)),
    }).toEqual({ files: [], scripts: [] });
  });
});

/** The commands that a block of a shell, a pipeline or a makefile runs, up to a pipe, a redirection or a comment. */
const runIn = (text: string): string[] =>
  [...text.matchAll(/(?:npx pagewarden|run:(?! npx)) ([a-z][^>|#\n]*)/g)].map(([, line = '']) =>
    line.trim(),
  );

/** The command that these words name, with its subcommands, and the flags among them that it does not have. */
async function unknownIn(words: readonly string[]): Promise<string | undefined> {
  const [name = '', ...rest] = words;
  const load = commands.get(name);
  if (load === undefined) return name.startsWith('-') ? undefined : `no command ${name}`;
  let command: Command = await load();
  for (const word of rest) command = command.commands.find(sub => sub.name() === word) ?? command;
  const known = [...command.options.flatMap(({ short, long }) => [short, long]), '--help', '-h'];
  return rest.find(word => /^--?[a-z]/.test(word) && !known.includes(word.replace(/=.*/, '')));
}

/** `pagewarden …` in the running text and in tables: a FILE is not at hand, but what it names must exist. */
test('every command in the text names a subcommand and flags that there are', async () => {
  const wrong: string[] = [];
  for (const page of pages)
    for (const [text, line = ''] of proseOf(page).matchAll(/`(?:npx )?pagewarden ([^`]+)`/g)) {
      const unknown = await unknownIn(wordsOf(line));
      if (unknown !== undefined) wrong.push(`${page}: ${text}: ${unknown}`);
    }
  for (const { page, text } of pages.flatMap(blocksOf).filter(block => scripted.includes(block.language)))
    for (const line of runIn(text)) {
      const unknown = await unknownIn(wordsOf(line));
      if (unknown !== undefined) wrong.push(`${page}: ${line}: ${unknown}`);
    }
  expect(wrong).toEqual([]);
});

test('every command that a --help shows names a subcommand and flags that there are', async () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const [name, load] of commands) {
    const help: string[] = [];
    const command = (await load()).configureOutput({ writeOut: text => void help.push(text) });
    command.outputHelp();
    for (const [, line = ''] of help.join('').matchAll(/^ *(?:npx )?pagewarden (?!\[)(.*)$/gm)) {
      seen++;
      const unknown = await unknownIn(wordsOf(line));
      if (unknown !== undefined) wrong.push(`${name} --help: pagewarden ${line}: ${unknown}`);
    }
  }
  expect(seen).toBeGreaterThanOrEqual(0);
  expect(wrong).toEqual([]);
});
