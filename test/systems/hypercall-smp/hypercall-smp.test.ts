import { expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { hypercallSmp, smpSystem } from '../../../systems/hypercall-smp/index.ts';
import { redundantMutants } from '../../../systems/hypercall-smp/mutants.ts';
import { redundant } from '../../../systems/hypercall-smp/redundant.ts';
import { profileOf, tryMutant } from '../../../systems/index.ts';

for (const { name, parameters, pinned } of hypercallSmp.profiles.filter(({ isDefault }) => isDefault)) {
  test(`hypercall-smp/${name} holds, and has as many states as it is said to have`, async () => {
    const found = await explore(hypercallSmp.build(parameters));
    expect(found.result).toBe('pass');
    expect(found.states).toBe(pinned?.states);
  });
}

test('every change of locks, order, checks, flushes and wiping is caught by a sentence or a deadlock', async () => {
  const missed: string[] = [];
  for (const mutant of hypercallSmp.mutants) {
    const { verdict } = await tryMutant(hypercallSmp, mutant, { maxStates: 20_000, stopAtViolation: true });
    if (verdict !== 'killed') missed.push(`${mutant.name}: ${verdict}`);
  }
  expect(missed).toEqual([]);
});

test('B13: two CPUs that take the two locks in opposite order stand still after two steps', async () => {
  const mutant = hypercallSmp.mutants.find(({ name }) => name === 'B13');
  if (mutant === undefined) throw new Error('there is no B13');
  const { parameters } = profileOf(hypercallSmp, mutant);
  const { deadlock } = await explore(hypercallSmp.build(parameters, 'B13'));
  expect(deadlock.trace?.steps.map(({ action }) => `${action.actor} ${action.name}`)).toEqual([
    'cpu0 guest_share_host/lock_host',
    'cpu1 host_donate_guest/lock_guest',
  ]);
});

test('B21: a list that is read twice puts a page into the memcache that was never donated', async () => {
  const mutant = hypercallSmp.mutants.find(({ name }) => name === 'B21');
  if (mutant === undefined) throw new Error('there is no B21');
  const { killers } = await tryMutant(hypercallSmp, mutant, { maxStates: 20_000, stopAtViolation: true });
  expect(killers.map(({ name }) => name)).toContain('I7');
});

test('locks that are called redundant break nothing when they are left out, late or early', async () => {
  expect(redundantMutants.map(({ name }) => name).sort()).toEqual(
    redundant.map(({ mutant }) => mutant).sort(),
  );
  const broken: string[] = [];
  for (const mutant of redundantMutants) {
    for (const profile of ['tlb', 'tlb-normal']) {
      const found = hypercallSmp.profiles.find(known => known.name === profile);
      if (found === undefined) throw new Error(`hypercall-smp has no profile ${profile}`);
      const parts = smpSystem(hypercallSmp.sizeOf(found.parameters), [mutant]);
      const { result } = await explore({ name: 'hypercall-smp', ...parts });
      if (result !== 'pass') broken.push(`${mutant.name} in ${profile}`);
    }
  }
  expect(broken).toEqual([]);
});

test('contents need a protected guest, whose secrets they are', () => {
  expect(() => hypercallSmp.build({ protected: 0, normal: 1, contents: 1 })).toThrow(RangeError);
  expect(() => hypercallSmp.build({}, 'no such mutant')).toThrow(RangeError);
});
