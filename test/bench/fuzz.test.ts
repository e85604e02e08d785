import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { damaged } from '../../bench/fuzz/damage.ts';
import { greener } from '../../bench/fuzz/logs.ts';
import { randomFrom } from '../arbitraries/pkvm-implementation.ts';
import { targetsOf } from '../../bench/fuzz/readers.ts';

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => 20261125 + at);

describe('npm run fuzz, a short one (seeds from 20261125)', () => {
  test.each(targetsOf(join(import.meta.dirname, '../golden')))(
    '$name: damaged input is answered, never thrown at',
    ({ samples, read }) => {
      expect(samples.length).toBeGreaterThan(0);
      for (const seed of seeds(40)) {
        const random = randomFrom(seed);
        const input = damaged(samples[seed % samples.length] ?? '', random);
        expect(() => read(input), `seed ${seed}`).not.toThrow();
      }
    },
  );

  test('no verdict on a damaged log is greener than that of the log, where lines have a number and a sum', () => {
    expect(seeds(250).flatMap(seed => greener(randomFrom(seed))?.why ?? [])).toEqual([]);
  });

  test('without numbers and sums some are: that is what they are for', () => {
    expect(seeds(250).some(seed => greener(randomFrom(seed), false) !== undefined)).toBe(true);
  });
});
