import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counts, prove, verdictsOf } from '../../../checker/index.ts';
import { Sample } from '../../../checker/prove/sample.ts';
import { Space } from '../../../checker/prove/space.ts';
import { ownership } from '../../../systems/ownership/index.ts';

const sizedOf = (profile: string, mutant?: string) => {
  const parameters = ownership.profiles.find(({ name }) => name === profile)?.parameters ?? {};
  const sized = ownership.sized?.(parameters, mutant);
  if (sized === undefined) throw new Error('ownership says what it is made of');
  return sized;
};

test('every sentence of ownership and the twin is proven for every size, and is true of sizes that can be explored', async () => {
  const sized = sizedOf(ownership.proofProfile);
  const proof = await prove(sized);
  const labels = verdictsOf(proof);
  expect(labels.filter(({ label }) => label !== 'every size' && label !== 'reached')).toEqual([]);
  expect(labels.filter(({ kind }) => kind === 'recoverable').map(({ name }) => name)).toEqual([
    'the host can get every page back',
  ]);
  // 96 pairs with one grant (npm run explore:every-size), and those of a leaf that may not be written
  const kinds = proof.candidates.pairs.size;
  expect(kinds).toBe(173);
  const atMost = (max: number) => fc.integer({ min: 1, max });
  const size = fc.record({ pages: atMost(3), gpas: atMost(2), protected: atMost(2), normal: atMost(2) });
  const sizes: Counts[] = [{ pages: 3, gpas: 2, protected: 1, normal: 1 }, ...fc.sample(size, 1)];
  for (const counts of sizes) {
    const space = new Space(sized.build(counts), proof.samples[0]?.space.language ?? noSample());
    proof.candidates.learn(await Sample.of(space, { maxStates: 1500 }));
    expect(proof.candidates.pairs.size, JSON.stringify(counts)).toBe(kinds);
  }
});

const noSample = (): never => {
  throw new Error('a proof has samples');
};

test.each(['B4', 'B24', 'without share.acknowledge.guest.free'])(
  'with %s no sentence that exploration sees broken is called proven',
  async mutant => {
    const labels = verdictsOf(await prove(sizedOf('1p1g1k', mutant)));
    const i2 = labels.find(({ name }) => name.startsWith('a page is lent exactly'));
    expect(i2?.label).not.toBe('every size');
  },
);

test('one leaf for a whole range fails at two pages, and at three it does not: no length is proven', async () => {
  const labels = verdictsOf(await prove(sizedOf('2p2g2k', 'B6')));
  expect(labels.filter(({ label }) => label === 'every size')).toEqual([]);
  expect(labels.find(({ kind }) => kind === 'range')?.why).toMatch('carryOut');
});
