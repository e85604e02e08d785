import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';
import { eptWalk } from '../../machines/ept-walk.ts';
import { sppWalk } from '../../machines/spp-walk.ts';
import {
  entryChecks,
  faults,
  misconfigurations,
  readings,
  translate,
  veConditions,
  explainOutcome,
  explainEntry,
} from '../../model/ept/index.ts';
import { sppConditions } from '../../model/ept/spp/index.ts';
import { sppWalkSystem } from '../../systems/spp-walk/index.ts';
import { citationProblem } from './source-text.ts';

const problems = (sources: readonly string[]): readonly string[] =>
  sources.flatMap(source => citationProblem(source) ?? []);

describe.each([eptWalk, sppWalk])('$id', machine => {
  const arrows = Object.values(machine.root.states).flatMap(state =>
    [...state.transitions.values()].flat(),
  );

  test('says of every arrow where it is written', () => {
    expect(arrows.length).toBeGreaterThan(10);
    const uncited = arrows.filter(({ meta }) => typeof meta?.source !== 'string');
    expect(uncited.map(({ source, eventType }) => `${source.key} ${eventType}`)).toEqual([]);
  });

  test('quotes words that the source has', () => {
    expect(problems(arrows.map(({ meta }) => String(meta?.source)))).toEqual([]);
  });
});

test.each([
  ['check of VM entry', entryChecks],
  ['misconfiguration', misconfigurations],
  ['condition of the sub-page walk', sppConditions],
  ['condition of a virtualization exception', veConditions],
  ['reading', readings],
  ['fault', faults],
])('every %s quotes words that its source has', (_, cited) => {
  expect(problems(cited.map(({ source }) => source))).toEqual([]);
});

test('every property quotes words that its source has', () => {
  const { properties } = sppWalkSystem.build({ theme: 'spp' });
  expect(problems(properties.map(({ source }) => source))).toEqual([]);
});

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
  expect(problems(sources)).toEqual([]);
});

test('a citation of words that the source does not have is noticed', () => {
  expect(citationProblem('seed 001, "if-entry-misconfiguration"')).toBeUndefined();
  expect(citationProblem('seed 001, "no such words"')).toBe('seed 001 does not say "no such words"');
  expect(citationProblem('seed 009, "words"')).toBe('there is no seed 009');
  expect(citationProblem('somewhere')).toContain('names no source');
});
