import { expect, test } from 'vitest';
import { z } from 'zod';
import { outcomeJson, translate } from '../../model/ept/index.ts';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';
import { requestSchema } from '../../oracle/protocol/operations.ts';
import { Session } from '../../oracle/protocol/session.ts';
import { walkVectors } from '../../suites/walk-vectors.ts';

const vectors = [...walkVectors()];

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
