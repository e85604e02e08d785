import { describe, expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { faults, readings } from '../../../model/ept/index.ts';
import { sppWalkSystem } from '../../../systems/spp-walk/index.ts';

const { profiles, mutants, build, mutantProfile } = sppWalkSystem;

/** Why each theme has as many states as it has: the product of its classes where nothing is written by the walk. */
const states: Readonly<Record<string, number>> = {
  // control 2; PML4E 2, PDPTE 2, PDE 3, PTE 7; SPPT 4 * 4 * 4; vector 7
  spp: 2 * (2 * 2 * 3 * 7) * 4 ** 3 * 7,
  ept: 6 * 6 * 6 * 7,
  five: 7 * 4 * 2 * 2 * 3 * 2 * 2,
  mbe: 5 * 2 * 3 * 5,
  limits: 4 * 3 * 3 * 4,
  'shadow-stack': 4 * 3 * 2 * 7 * 2,
  'shadow-stack-off': 4 * 3 * 2 * 7 * 2,
  // flags and log entries come on top of 3 indices * 2 * 4 * 2
  flags: 3984,
  'flags-off': 3 * 2 * 4 * 2,
  // and what a #VE leaves in the information area comes on top of 2 ** 4 * 4 * 4 * 2 * 4 * 3 * 2
  ve: 442_368,
  entry: 2 * 2 * 12 * 5 * 3 * 3,
  // one word at a time: the image and every variant of every word
  bits: 383,
  // the full vector, and 32 times an odd bit, one bit set, one bit clear
  vectors: 1 + 3 * 32,
};

describe('the system spp-walk', () => {
  test.each(profiles.filter(({ name }) => name !== 've'))(
    '$name: every property holds in every state, and the machines agree with every walk',
    async ({ name, parameters }) => {
      const found = await explore(build(parameters), { maxSeconds: 50 });
      const broken = found.properties.filter(({ verdict }) => verdict !== 'holds' && verdict !== 'reached');
      expect(broken.map(({ property, verdict }) => `${property.name}: ${verdict}`)).toEqual([]);
      expect(found.twin?.disagreement).toBeUndefined();
      expect(found.result).toBe('pass');
      expect(found.states).toBe(states[name]);
    },
  );

  test('has every reading and every fault as a mutant, each by one name', () => {
    expect(mutants.map(({ name }) => name)).toEqual([...readings, ...faults].map(({ name }) => name));
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(154);
  });

  test('names a profile that exists for every mutant', () => {
    const known = profiles.map(({ name }) => name);
    expect(mutants.filter(({ profile }) => !known.includes(profile ?? mutantProfile))).toEqual([]);
  });
});

/** Those of the small themes, and some of the others, here; all of them in `pagewarden mutants`. */
describe('a mutant', () => {
  const sample = [
    'first-sub-page-only',
    'reads-consult-sppt',
    'own-odd-bits-only',
    'violation-before-misconfiguration',
  ];
  const masks = ['pml5e-bits-51-12-unchecked', 'pte-bit-7-reserved', 'sppt-bits-63-52-unchecked'];
  const small = ['ept', 'five', 'mbe', 'limits', 'shadow-stack', 'shadow-stack-off', 'flags', 'entry'];
  const tried = mutants.filter(
    ({ name, profile }) => [...sample, ...masks].includes(name) || small.includes(profile ?? ''),
  );

  test.each(tried)('$name is noticed', async ({ name, profile }) => {
    const parameters = profiles.find(one => one.name === (profile ?? mutantProfile))?.parameters;
    if (parameters === undefined) throw new Error(`no profile for ${name}`);
    const found = await explore(build(parameters, name), { stopAtViolation: true, maxSeconds: 50 });
    const noticed =
      found.twin?.disagreement !== undefined ||
      found.properties.some(({ verdict }) => verdict === 'violated');
    expect(noticed).toBe(true);
  });
});
