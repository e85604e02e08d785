import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromMachine } from '../../graphs/from-machine.ts';
import { bundled, type LabelledGraph } from '../../graphs/labelled-graph.ts';
import { machines } from '../../machines/index.ts';
import { toMermaid } from '../../graphs/mermaid.ts';
import { launch, noBrowser } from '../explorer/browser.ts';
import { sample } from './sample-graph.ts';

/** Mermaid is too large to be everybody's dependency: `.ci/run` fetches its one file and names it here. */
const bundle = process.env['MERMAID_BUNDLE'] ?? '';
const isHere = existsSync(bundle);
if (!isHere)
  console.log('skipped: no Mermaid to read its diagrams with (MERMAID_BUNDLE=/path/mermaid.min.js)');

describe.skipIf(!isHere || noBrowser('Mermaid'))('Mermaid itself', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => browser.close());

  const graphs: readonly LabelledGraph[] = [
    sample,
    ...machines.map(entry => fromMachine(entry.machine, entry)),
  ];
  test('reads every diagram with the same boxes and arrows', async () => {
    const page = await browser.newPage();
    await page.addScriptTag({ path: bundle });
    // the kinds of diagrams are known after the first one is parsed
    await page.evaluate(`mermaid.parse('stateDiagram-v2')`);
    for (const graph of graphs) {
      const [states, arrows] = await page.evaluate<[number, number]>(
        `mermaid.mermaidAPI.getDiagramFromText(${JSON.stringify(toMermaid(graph))})
          .then(({ db }) => [db.getStates().size, db.getRelations().length])`,
      );
      const ends = graph.nodes.filter(({ final }) => final === true).length;
      // the initial and the final dot are states of their own, and so are the arrows to them
      const dots = 1 + (ends > 0 ? 1 : 0);
      expect([graph.name, states, arrows]).toEqual([
        graph.name,
        graph.nodes.length + dots,
        bundled(graph).edges.length + 1 + ends,
      ]);
    }
  });
});
