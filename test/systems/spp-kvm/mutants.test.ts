import { describe, expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { profileOf } from '../../../systems/index.ts';
import { sppKvm } from '../../../systems/spp-kvm/index.ts';
import { sppKvmMutants } from '../../../systems/spp-kvm/mutants.ts';
import { notExpressed } from '../../../systems/spp-kvm/not-expressed.ts';

const stop = { stopAtViolation: true, maxStates: 20_000 };

describe('every fault is caught by a sentence, by the protocol or as a dead end', () => {
  for (const mutant of sppKvmMutants) {
    if (mutant.name.includes('as-posted')) continue;
    test(`${mutant.name}: ${mutant.about}`, async () => {
      const { parameters } = profileOf(sppKvm, mutant);
      const found = await explore(sppKvm.build(parameters, mutant.name), stop);
      expect(found.result).toBe('fail');
      const caught = found.properties.some(({ verdict }) => verdict === 'violated');
      const disagrees = found.twin?.disagreement !== undefined;
      const isStuck = found.deadlock.trace !== undefined;
      expect(caught || disagrees || isStuck).toBe(true);
    });
  }
});

test('D1 to D16 each have a mutant or a reason why they cannot have one', () => {
  const labels = sppKvmMutants.map(({ name }) => name.split('-')[0]);
  const missing = Array.from({ length: 16 }, (_, i) => `D${i + 1}`).filter(id => !labels.includes(id));
  expect(missing).toEqual(['D10']);
  expect(notExpressed.some(({ finding }) => finding.startsWith('D10:'))).toBe(true);
});

test('a mutant that does not exist is refused by name', () => {
  expect(() => sppKvm.build({}, 'D10')).toThrow(new RangeError('spp-kvm has no mutant D10'));
});
