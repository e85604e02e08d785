import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inOneProcess } from '../cli/run.ts';
import { printedBy, promised, promisedOfCommands } from './code.ts';
import { blocksOf, pages, root } from './markdown.ts';

const blocks = pages.flatMap(blocksOf).filter(({ language }) => language === 'ts');

test.each(blocks.map(block => [`${block.page}:${block.line}`, block.text] as const))(
  '%s prints what its comments say',
  async (name, code) => {
    expect(await printedBy(name, code)).toEqual(promised(code));
  },
);

const examples = readdirSync(join(root, 'examples'))
  .filter(name => /^\d\d-.*\.ts$/.test(name))
  .map(name => [name, readFileSync(join(root, 'examples', name), 'utf8')] as const);
/** Whether an example is a system that the command is given, and not a program. */
const isSystem = (code: string): boolean => code.includes('export default system(');

test.each(examples)('examples/%s is at most 60 lines', (_, code) => {
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});

test.each(examples.filter(([, code]) => !isSystem(code)))(
  'examples/%s prints what its comments say',
  async (name, code) => {
    expect(promised(code).length).toBeGreaterThan(0);
    expect(await printedBy(name, code)).toEqual(promised(code));
  },
);

describe('examples that are systems', () => {
  const { run, end } = inOneProcess(root);
  afterAll(end);
  test.each(examples.filter(([, code]) => isSystem(code)))(
    'of %s the command says what its comments say',
    async (_, code) => {
      const said = promisedOfCommands(code);
      expect(said.length).toBeGreaterThan(0);
      for (const { args, lines } of said) {
        const { stdout } = await run(...args);
        for (const line of lines) expect(stdout).toContain(line);
      }
    },
  );
});
