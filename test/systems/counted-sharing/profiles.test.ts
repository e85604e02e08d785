import { expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { stateCount } from '../../../systems/counted-sharing/closed-form.ts';
import { countedSharing } from '../../../systems/counted-sharing/index.ts';

const defaults = countedSharing.profiles.filter(({ isDefault }) => isDefault);

test.each(defaults)('counted-sharing/$name: $about', async ({ parameters, pinned }) => {
  const found = await explore(countedSharing.build(parameters));
  expect(
    found.properties.filter(({ verdict }) => verdict === 'violated' || verdict === 'not reached'),
  ).toEqual([]);
  expect(found.twin?.disagreement).toBeUndefined();
  expect(found.states).toBe(pinned?.states);
});

test.each(countedSharing.profiles.filter(({ pinned }) => pinned?.because.startsWith('the closed form')))(
  'the closed form counts the states of counted-sharing/$name',
  ({ parameters, pinned }) => {
    expect(stateCount(countedSharing.sizeOf(parameters))).toBe(pinned?.states);
  },
);

test('the large profile has more than ten million states', () => {
  const large = countedSharing.profiles.find(({ name }) => name === 'large');
  expect(large?.pinned?.states).toBeGreaterThan(10_000_000);
});
