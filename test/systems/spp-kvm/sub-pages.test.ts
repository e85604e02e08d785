import { expect, test } from 'vitest';
import { enumerate, type System, type Value } from '../../../checker/index.ts';
import {
  correctSteps,
  FULL_VECTOR,
  gpaOf,
  initialState,
  type Kvm,
  loadSpp,
  makeVm,
  normativeRevision,
  permitsWrite,
  runSection,
  settle,
  spread,
  subPageNumbers,
  vectorDenying,
} from '../../../model/kvm/index.ts';
import { guestAccess } from '../../../model/ept/index.ts';
import { sppKvm } from '../../../systems/spp-kvm/index.ts';
import { sppKvmSizeOf } from '../../../systems/spp-kvm/size.ts';

/** One page, all vectors and all writes of a profile, with the two sub-pages being `first` and the next. */
const parametersOf = (subPage: number): Record<string, number> => ({
  subPage,
  vectors: 3,
  accesses: 3,
  sections: 0,
});

/** A value with everything that says which sub-pages they are replaced by its place in the profile's lists. */
function relabelled(subPage: number): (value: Value) => Value {
  const { vectors, shape } = sppKvmSizeOf(sppKvm.sizeOf(parametersOf(subPage)));
  const words = vectors.map(spread);
  const names = shape.accesses.map(({ name }) => name);
  const addresses = shape.accesses.map(({ access }) => access.gpa);
  return value => {
    if (typeof value === 'number' && vectors.includes(value)) return `vector ${vectors.indexOf(value)}`;
    if (typeof value === 'bigint' && value !== 0n && words.includes(value))
      return `L1E ${words.indexOf(value)}`;
    if (typeof value === 'bigint' && addresses.includes(value))
      return `address ${addresses.indexOf(value)}`;
    if (typeof value === 'string' && names.includes(value)) return `access ${names.indexOf(value)}`;
    return typeof value === 'bigint' ? value.toString() : value;
  };
}

function graphOf(subPage: number): { readonly states: unknown; readonly edges: unknown } {
  const system: System = sppKvm.build(parametersOf(subPage));
  const { states, edges } = enumerate(system, 2000);
  const relabel = relabelled(subPage);
  const at = new Map(system.actions.map((action, i) => [action, i]));
  return {
    states: states.map(values => values.map(relabel)),
    edges: edges.map(({ from, to, action, result }) => [from, to, at.get(action), result]),
  };
}

test('all 31 pairs of neighbouring sub-pages give the same graph, state by state and edge by edge', () => {
  const reference = graphOf(30);
  for (const subPage of subPageNumbers.slice(0, 30)) {
    expect(graphOf(subPage), `sub-pages ${subPage} and ${subPage + 1}`).toEqual(reference);
  }
});

test('each of the 32 sub-pages can be written if and only if its own bit is set, whatever the others are', () => {
  const gfn = 0x1ffn;
  const accesses = subPageNumbers.map(i => ({
    name: `sub-page ${i}`,
    gfn,
    access: guestAccess('write', gpaOf(gfn) + BigInt(i * 128), { size: 8 }),
    writes: true,
  }));
  const vm = makeVm({
    gfns: [gfn],
    memslots: [[gfn]],
    vcpus: 1,
    accesses,
    largeBacking: false,
    cachesTranslations: false,
    vcpusExist: true,
  });
  const kvm: Kvm = { vm, revision: normativeRevision, steps: correctSteps };
  const state = initialState();
  const [vcpu] = vm.vcpus;
  if (vcpu === undefined) throw new Error('the VM has one vCPU');
  kvm.steps.enable(kvm, state, { hardware: true, nested: false, memoryAvailable: true });
  loadSpp(kvm, state, vcpu);
  const vectors = [
    0,
    FULL_VECTOR,
    0x5555_5555,
    0xaaaa_aaaa,
    ...subPageNumbers.flatMap(i => [vectorDenying([i]), FULL_VECTOR - vectorDenying([i])]),
  ];
  for (const vector of vectors) {
    const request = { gfn, npages: 1, accessMap: [vector] };
    const ioctl = { name: 'SET', sections: kvm.steps.setSections, request };
    runSection(kvm, state, ioctl, 0);
    expect(runSection(kvm, state, ioctl, 1)).toBe(1);
    for (const [i, access] of accesses.entries()) {
      const { outcome, exits } = settle(kvm, state, vcpu, access);
      const label = `vector 0x${vector.toString(16)}, sub-page ${i}`;
      expect(outcome === 'done', label).toBe(permitsWrite(vector, i));
      expect(exits, label).toBeLessThanOrEqual(4);
    }
  }
});
