import { describe, expect, test } from 'vitest';
import { enumerate, explore } from '../../checker/index.ts';
import { type SystemFamily, tryMutant } from '../../systems/index.ts';
import { nestedState } from '../../systems/nested-state/index.ts';
import { vpAssistPage } from '../../systems/vp-assist-page/index.ts';

/** Checks that another check makes superfluous: without them every call still gets the same errno. */
const superfluous = [
  'vmx.smm_guest_mode', // outside SMM any SMM flag is refused, inside SMM any L2
  'svm.flags', // SVM's own list of flags is the narrower one
];

/** Two steps show a fault of the VMX checks; only a whole run that nothing differs, or that there is no way back. */
const isSeenInTwoSteps = (name: string): boolean =>
  name.startsWith('vmx.') && !superfluous.includes(name) && name !== 'vmx.not_taken_out';

describe.each([nestedState, vpAssistPage] as const)('$name', (family: SystemFamily) => {
  for (const { name, parameters, pinned } of family.profiles) {
    test(`${name} holds, and has ${pinned?.states} states: ${pinned?.because}`, async () => {
      const system = family.build(parameters);
      const found = await explore(system, {});
      expect(found.result).toBe('pass');
      expect(found.states).toBe(pinned?.states);
      const { states, edges } = enumerate(system, 1000);
      expect([states.length, edges.length]).toEqual([found.states, found.transitions]);
    });
  }

  test('every mutant is caught or proved equivalent, and every sentence is violated by some mutant', async () => {
    const killed = new Set<string>();
    const unkilled: string[] = [];
    for (const mutant of family.mutants) {
      const { verdict, killers } = await tryMutant(
        family,
        mutant,
        isSeenInTwoSteps(mutant.name) ? { maxDepth: 2 } : {},
      );
      const expected = superfluous.includes(mutant.name) ? 'equivalent' : 'killed';
      if (verdict !== expected) unkilled.push(`${mutant.name}: ${verdict}`);
      for (const { property } of killers) if (property !== undefined) killed.add(property.name);
    }
    expect(unkilled).toEqual([]);
    const sentences = family.profiles.flatMap(({ parameters }) => family.build(parameters).properties);
    const neverViolated = sentences.filter(({ kind, name }) => kind !== 'sometimes' && !killed.has(name));
    expect(neverViolated.map(({ name }) => name)).toEqual([]);
  });
});
