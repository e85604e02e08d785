import { expect, test } from 'vitest';
import { prove, verdictsOf } from '../../../checker/index.ts';
import { isolation } from '../../../systems/isolation/index.ts';

const sizedOf = (profile: string) =>
  isolation.sized?.(isolation.profiles.find(({ name }) => name === profile)?.parameters ?? {});

// the other profiles take longer: npm run explore:every-size
test('isolation is proven for every number of pages, gpas, guests and CPUs', async () => {
  const sized = sizedOf('cache');
  if (sized === undefined) throw new Error('isolation says what it is made of');
  const proof = await prove(sized);
  const open = verdictsOf(proof).filter(({ label }) => label !== 'every size' && label !== 'reached');
  expect(open).toEqual([]);
  expect(proof.unsound).toEqual([]);
  // 427 that small instances show, 98 that take more members than those have at once
  expect(proof.candidates.pairs.size).toBe(525);
});

test('what a region has is of one size: its pages are representatives of one region', () => {
  expect(sizedOf('region')).toBeUndefined();
  expect(sizedOf('life')?.sorts.map(({ name, least }) => [name, least])).toEqual([
    ['pages', 3],
    ['gpas', undefined],
    ['protected', undefined],
    ['normal', undefined],
    ['cpus', undefined],
  ]);
});
