import { expect, test } from 'vitest';
import { explore, type Trace } from '../../../checker/index.ts';
import { profileOf } from '../../../systems/index.ts';
import { sppKvm } from '../../../systems/spp-kvm/index.ts';
import { sppKvmMutants } from '../../../systems/spp-kvm/mutants.ts';

/** The shortest way to a stale permission in a series as posted. */
async function shortestStale(name: string): Promise<Trace | undefined> {
  const mutant = sppKvmMutants.find(known => known.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  const found = await explore(sppKvm.build(profileOf(sppKvm, mutant).parameters, name));
  const stale = found.properties.find(({ property }) => property.name.includes('never stale'));
  return stale?.verdict === 'violated' ? stale.trace : undefined;
}

const calls = (trace: Trace | undefined): readonly string[] =>
  (trace?.steps ?? []).map(({ action, result }) => `${action.name} -> ${result}`);

test.for(['v9', 'v12'])(
  'D2 is found in %s as posted: a write between the two sections of a SET rebuilds the old vector',
  async series => {
    const trace = calls(await shortestStale(`${series}-as-posted`));
    const flushed = trace.indexOf('KVM_SUBPAGES_SET_ACCESS -> in flight: flush the SPPT');
    const secondSet = trace.lastIndexOf('KVM_SUBPAGES_SET_ACCESS -> in flight: flush the SPPT');
    const rebuilt = trace.lastIndexOf('KVM handles the exit -> rebuilt');
    expect(flushed).toBeGreaterThanOrEqual(0);
    expect(secondSet).toBeGreaterThan(flushed);
    expect(rebuilt).toBeGreaterThan(secondSet);
    expect(trace.indexOf('ioctl goes on -> 1', rebuilt)).toBeGreaterThan(rebuilt);
  },
);

test.for(['v9', 'v12'])(
  'D1 is found in %s as posted: a SET over the boundary leaves the second region valid',
  async series => {
    const trace = await shortestStale(`${series}-as-posted-boundary`);
    const sets = (trace?.steps ?? []).filter(({ action }) => action.name === 'KVM_SUBPAGES_SET_ACCESS');
    const last = sets.at(-1);
    expect(last?.action.args).toMatchObject({ gfn: '0x1ff', npages: 2 });
    const invalidated = last?.changes.filter(({ slot }) => slot.name.startsWith('SPPT L2E')) ?? [];
    expect(invalidated.map(({ slot }) => slot.name)).not.toContain('SPPT L2E of region 1');
  },
);
