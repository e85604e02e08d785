import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromVector, walkVector } from '../../../oracle/protocol/walk-vector.ts';
import { translate, outcomeJson } from '../../../model/ept/index.ts';

const observed = z.looseObject({
  id: z.string(),
  tags: z.array(z.string()),
  expect: z.looseObject({
    kind: z.string(),
    qualification: z.string().optional(),
    dontCareMask: z.string().optional(),
  }),
});

const lines = readFileSync(join(import.meta.dirname, '../../golden/ept-spp-sample.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as unknown);

describe('the outcomes observed on independent implementations', () => {
  test('are 179', () => {
    expect(lines).toHaveLength(179);
  });

  for (const line of lines) {
    const { id, tags, expect: wanted } = observed.parse(line);
    test(`${id} ${tags.join(' ')}: ${wanted.kind}`, () => {
      const { memory, cpu, access } = fromVector(walkVector.parse(line));
      const outcome = outcomeJson(translate(memory, cpu, access));
      const { qualification, dontCareMask, ...rest } = wanted;
      expect(outcome).toMatchObject(rest);
      const { memoryWrites } = rest;
      if (memoryWrites !== undefined) expect(outcome['memoryWrites']).toEqual(memoryWrites);
      if (qualification !== undefined) {
        const cared = ~BigInt(dontCareMask ?? '0x0');
        expect(BigInt(String(outcome['qualification'])) & cared).toBe(BigInt(qualification) & cared);
      }
      // what we call undefined must not be compared by those who observed it
      const ours = BigInt(String(outcome['dontCareMask'] ?? '0x0'));
      expect(ours & ~BigInt(dontCareMask ?? '0x0')).toBe(0n);
    });
  }
});
