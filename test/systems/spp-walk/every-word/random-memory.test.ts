import { expect, test } from 'vitest';
import { PathIndex, strayOf } from '../../../../systems/spp-walk/every-word/path-index.ts';
import { randomMemory } from '../../../../systems/spp-walk/every-word/random-memory.ts';
import { settingsOf } from '../../../../systems/spp-walk/every-word/settings.ts';
import { sparseMemory } from '../../../../model/memory/index.ts';

// 10^5 memories a setting: npm run explore:every-word
const memories = 2000;

test.each([
  ['write', { controls: ['spp'] }, 60],
  ['guest page walk', { controls: ['spp', 'eptViolationVe'], accessedDirty: true }, 60],
  ['fetch', { controls: ['spp', 'mbe'], levels: 5 }, 60],
] as const)(
  'each of many random memories is on one path of a %s, and ends as it does',
  (name, choice, least) => {
    const [setting] = settingsOf(choice, [name]);
    if (setting === undefined) throw new Error(`there is no access ${name}`);
    const index = new PathIndex(setting);
    const met = new Set<number | undefined>();
    for (let seed = 0; seed < memories; seed++) {
      const memory = randomMemory(seed);
      expect(strayOf(index, setting, memory), `seed ${seed}`).toBeUndefined();
      if (seed < 500) met.add(index.pathOf(memory).path?.number);
    }
    // random words are no use where they all go the same way
    expect(met.size).toBeGreaterThan(least);
  },
);

test('a memory that does not hold what the walk asks is on no path', () => {
  const [setting] = settingsOf({}, ['read']);
  if (setting === undefined) throw new Error('there is no access');
  expect(strayOf(new PathIndex(setting), setting, sparseMemory([]))).toBe('no path asks this');
});
