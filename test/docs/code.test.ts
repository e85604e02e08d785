import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printedBy, promised } from './code.ts';
import { blocksOf, pages, root } from './markdown.ts';

const blocks = pages.flatMap(blocksOf).filter(({ language }) => language === 'ts');

test.each(blocks.map(block => [`${block.page}:${block.line}`, block.text] as const))(
  '%s prints what its comments say',
  async (name, code) => {
    expect(await printedBy(name, code)).toEqual(promised(code));
  },
);

describe.each(readdirSync(join(root, 'examples')).filter(name => /^\d\d-.*\.ts$/.test(name)))(
  'examples/%s',
  name => {
    const code = readFileSync(join(root, 'examples', name), 'utf8');

    test('prints what its comments say', async () => {
      expect(promised(code).length).toBeGreaterThan(0);
      expect(await printedBy(name, code)).toEqual(promised(code));
    });

    test('is under 50 lines', () => {
      expect(code.split('\n').length).toBeLessThanOrEqual(50);
    });
  },
);
