import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { outcomeJson, readings, rulesWith, translate } from '../../model/ept/index.ts';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';
import { requestSchema } from '../../oracle/protocol/operations.ts';
import { Session } from '../../oracle/protocol/session.ts';
import { misplaced, placesFrom, tablesBytes, usualPlaces } from '../../suites/walk-vectors/places.ts';
import { variationsAt } from '../../suites/walk-vectors/variations.ts';
import { pathVectors } from '../../suites/walk-vectors/path-vectors.ts';
import { walkVectors } from '../../suites/walk-vectors/walk-vectors.ts';
import { settingsOf } from '../../systems/spp-walk/every-word/settings.ts';

const vectors = [...walkVectors()];
const tolerant = rulesWith(readings.filter(({ name }) => name === 'bit-12-of-large-page-unchecked'));

test('there is a vector for every class of every entry under every access, each with a name of its own', () => {
  // 4 processors, 73 variations, 8 accesses
  expect(vectors).toHaveLength(4 * 73 * 8);
  expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  const kinds = new Set(vectors.map(({ expect: expected }) => (expected as { kind: string }).kind));
  expect(kinds).toEqual(
    new Set(['allowed', 'ept_violation', 'ept_misconfig', 'spp_miss', 'spp_misconfig']),
  );
});

test('each is read back as a vector and gives what it expects', () => {
  for (const { expect: expected, ...vector } of vectors) {
    const { memory, cpu, access } = fromVector(walkVector.parse(vector));
    expect(outcomeJson(translate(memory, cpu, access))).toMatchObject(expected as object);
  }
});

test('fitted to a machine, the same walks have the same outcomes at other places', () => {
  const places = {
    maxphyaddr: 40,
    gpa: 0x80_c0a0_7000n,
    at: placesFrom(0x21_0000n, { '4K': 0x23_0000n, '2M': 0x40_0000n, '1G': 0n }),
  };
  const fitted = [...walkVectors(places)];
  expect(fitted.map(({ id }) => id)).toEqual(vectors.map(({ id }) => id));
  const verdict = ({ expect: expected }: Record<string, unknown>): unknown => {
    const { kind, exitReason, qualification, level, pageSize } = expected as Record<string, unknown>;
    return { kind, exitReason, qualification, level, pageSize };
  };
  expect(fitted.map(verdict)).toEqual(vectors.map(verdict));
  for (const { memory } of fitted)
    for (const address of Object.keys(memory as object).map(BigInt))
      expect(address >= 0x21_0000n && address < 0x21_0000n + tablesBytes).toBe(true);
});

test('a processor of 52 address bits has no bit beyond them', () => {
  expect([...variationsAt({ ...usualPlaces, maxphyaddr: 52 })]).toHaveLength(73 - 3);
});

test('a misaligned large page has a low bit that is not bit 12 alone', () => {
  const misaligned = vectors.filter(({ tags }) =>
    (tags as string[]).some(tag => tag.includes('misaligned')),
  );
  expect(misaligned).toHaveLength(4 * 2 * 8);
  for (const vector of misaligned) {
    const { memory, cpu, access } = fromVector(walkVector.parse(vector));
    expect(translate(memory, cpu, access, tolerant).kind).toBe('ept_misconfig');
  }
});

test.each([
  ['a table', { at: placesFrom(0x800n, usualPlaces.at.page) }],
  ['a table', { at: placesFrom(2n ** 46n, usualPlaces.at.page) }],
  ['the 1-GByte page', { at: { ...usualPlaces.at, page: { ...usualPlaces.at.page, '1G': 0x20_0000n } } }],
  ['48 bits', { gpa: 2n ** 48n }],
])('%s that lies where none can is refused', (what, places) => {
  expect(misplaced({ ...usualPlaces, ...places })).toContain(what);
  expect(misplaced(usualPlaces)).toBeUndefined();
});

test('a session walks over the words that it was given, and asks for the one that is missing', () => {
  const vector = vectors.find(({ id }) => id === 'spp/quiet/write-other');
  const { eptp, spptp, access, memory, controls, maxphyaddr } = vector as Record<string, object>;
  const session = new Session();
  const ask = (request: object): Record<string, unknown> => session.answerLine(JSON.stringify(request));
  const walk = { op: 'walk', eptp, spptp, access, controls, maxphyaddr };
  expect(ask(walk)).toMatchObject({
    verdict: 'unknown',
    needs: [{ bytes: 8 }],
    hint: expect.stringMatching(/^xp \/512gx 0x/) as string,
  });
  expect(ask({ op: 'mem', words: memory }).ok).toBe(true);
  expect(ask({ ...walk, outcome: { exitReason: 48 } })).toMatchObject({ verdict: 'allowed' });
  expect(ask({ ...walk, outcome: { exitReason: 66 } })).toMatchObject({
    verdict: 'forbidden',
    differences: [{ at: 'exitReason', observed: '66', allowed: '48' }],
  });
});

test('a profile with the other reading of an invalid entry with reserved bits judges by it', () => {
  const vector = vectors.find(({ id }) => id === 'spp/sppt-l3-invalid-reserved/write');
  const { eptp, spptp, access, memory, controls, maxphyaddr } = vector as Record<string, object>;
  const verdicts = ['spp-seed', 'spp-v12'].map(profile => {
    const session = new Session();
    for (const request of [
      { op: 'hello', profile },
      { op: 'mem', words: memory },
    ])
      session.answerLine(JSON.stringify(request));
    const walk = {
      op: 'walk',
      eptp,
      spptp,
      access,
      controls,
      maxphyaddr,
      outcome: { kind: 'spp_misconfig' },
    };
    return session.answerLine(JSON.stringify(walk)).verdict;
  });
  expect(verdicts).toEqual(['forbidden', 'allowed']);
});

test('the validators of requests and vectors are published as JSON Schemas', () => {
  for (const schema of [requestSchema, walkVector])
    expect(z.toJSONSchema(schema, { io: 'input' })).toHaveProperty('$schema');
});

describe('vectors of paths', () => {
  const settings = [
    ...settingsOf({ controls: ['spp'] }, ['write']),
    ...settingsOf({ controls: ['spp', 'eptViolationVe'] }, ['fetch']),
    ...settingsOf({ controls: ['spp'], varies: ['spptp'] }, ['write across sub-pages 5 and 6']),
    ...settingsOf({ controls: ['pml'], accessedDirty: true, levels: 5, state: { pmlIndex: 512 } }, [
      'write',
    ]),
  ];
  const all = [...pathVectors(undefined, settings)];

  test('there is one a path, each with a name of its own, and each is read back and gives what it expects', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ id }) => String(id).startsWith('write: SPP; 4 levels'))).toHaveLength(445);
    for (const { expect: expected, ...vector } of all) {
      const { memory, cpu, access } = fromVector(walkVector.parse(vector));
      const outcome = outcomeJson(translate(memory, cpu, access));
      expect(outcome).toMatchObject(expected as object);
      expect(vector['tags']).toContainEqual(expect.stringContaining(String(outcome['kind'])));
    }
  });

  test.each([1, 7, 100, 10_000])('a sample of %i is so many of them, spread evenly', sample => {
    const some = [...pathVectors(sample, settings)].map(({ id }) => id);
    expect(some).toHaveLength(Math.min(sample, all.length));
    const places = some.map(id => all.findIndex(vector => vector['id'] === id));
    const gaps = places.slice(1).map((at, i) => at - (places[i] ?? 0));
    expect(Math.max(...gaps, 0) - Math.min(...gaps, Infinity)).toBeLessThanOrEqual(1);
  });
});
