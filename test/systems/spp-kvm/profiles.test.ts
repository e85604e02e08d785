import { expect, test } from 'vitest';
import { enumerate, explore } from '../../../checker/index.ts';
import { sppKvm } from '../../../systems/spp-kvm/index.ts';

for (const { name, about, parameters, isDefault, pinned } of sppKvm.profiles) {
  if (!isDefault && name !== 'logging') continue;
  test(`${name} (${about}): every sentence holds and the words follow the protocol`, async () => {
    const found = await explore(sppKvm.build(parameters));
    const wrong = found.properties
      .filter(({ verdict }) => verdict !== 'holds' && verdict !== 'reached')
      .map(({ property, verdict }) => `${verdict}: ${property.name}`);
    expect(wrong).toEqual([]);
    expect(found.twin?.disagreement?.why).toBeUndefined();
    expect(found.twin?.distinctSteps).toBeGreaterThan(10);
    expect(found.deadlock.trace).toBeUndefined();
    expect(found.result).toBe('pass');
    if (pinned !== undefined) expect(found.states, pinned.because).toBe(pinned.states);
  });
}

test.for([
  ['frames', 5, 'frames=5: expected a whole number from 1 to 4'],
  ['range', 2, 'range is at most the number of frames'],
  ['memslots', 2, 'two memslots need two frames'],
  ['dialect', 'v13', 'dialect=v13: expected normative or 2017 or 2019 or v7'],
] as const)('%s=%s is refused by name', ([name, value, message]) => {
  expect(() => sppKvm.build({ [name]: value })).toThrow(new RangeError(message));
});

test('the plain enumerator counts the same states and transitions as the engine', async () => {
  for (const name of ['life', 'host']) {
    const { parameters } = sppKvm.profiles.find(profile => profile.name === name) ?? {};
    const system = sppKvm.build(parameters ?? {});
    const [found, plain] = [await explore(system), enumerate(system, 1000)];
    expect([found.states, found.transitions], name).toEqual([plain.states.length, plain.edges.length]);
  }
});
