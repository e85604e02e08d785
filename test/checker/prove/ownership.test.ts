import { expect, test } from 'vitest';
import { prove, verdictsOf } from '../../../checker/index.ts';
import { ownership } from '../../../systems/ownership/index.ts';

const one = { pages: 1, gpas: 1, protected: 1, normal: 1, mmio: 1 };
const verdicts = async (mutant?: string) => {
  const sized = ownership.sized?.(one, mutant);
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
