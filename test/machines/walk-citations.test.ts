import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainEntry, explainOutcome, translate } from '../../model/ept/index.ts';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';
import { citationProblem } from '../citation-problem.ts';

test('every decision that `walk` explains quotes words that its source has', () => {
  const lines = readFileSync(join(import.meta.dirname, '../golden/ept-spp-sample.jsonl'), 'utf8');
  const sources = lines
    .trim()
    .split('\n')
    .flatMap(line => {
      const { memory, cpu, access } = fromVector(walkVector.parse(JSON.parse(line)));
      const outcome = translate(memory, cpu, access);
      const decisions = outcome.walk.map(read => explainEntry(read, outcome, access));
      return [explainOutcome(outcome, cpu), ...decisions].flatMap(decision => decision?.source ?? []);
    });
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.flatMap(source => (source === '' ? [] : (citationProblem(source) ?? [])))).toEqual([]);
});
