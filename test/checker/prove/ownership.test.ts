import { expect, test } from 'vitest';
import { prove, verdictsOf } from '../../../checker/index.ts';
import { ownership } from '../../../systems/ownership/index.ts';

const { parameters } = ownership.profiles.find(({ name }) => name === ownership.proofProfile) ?? {
  parameters: {},
};
const verdicts = async (mutant?: string) => {
  const sized = ownership.sized?.(parameters, mutant);
  if (sized === undefined) throw new Error('ownership says what it is made of');
  return verdictsOf(await prove(sized));
};

test('every sentence of ownership and the twin is proven for every size', async () => {
  const labels = await verdicts();
  expect(labels.filter(({ label }) => label !== 'every size' && label !== 'reached')).toEqual([]);
  expect(labels.filter(({ kind }) => kind === 'recoverable').map(({ name }) => name)).toEqual([
    'the host can get every page back',
  ]);
});

test.each(['B4', 'B24', 'without share.acknowledge.guest.free'])(
  'with %s no sentence that exploration sees broken is called proven',
  async mutant => {
    const labels = await verdicts(mutant);
    const i2 = labels.find(({ name }) => name.startsWith('a page is lent exactly'));
    expect(i2?.label).not.toBe('every size');
  },
);

test('one leaf for a whole range fails at two pages, and at three it does not: no length is proven', async () => {
  const labels = await verdicts('B6');
  expect(labels.filter(({ label }) => label === 'every size')).toEqual([]);
  expect(labels.find(({ kind }) => kind === 'range')?.why).toMatch('carryOut');
});
