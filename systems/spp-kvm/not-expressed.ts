/**
 * What the reviews and our reading found in the series and this system has no words for, and why. The rest of facts 5
 * is in `mutants.ts`.
 */
export const notExpressed: readonly { readonly finding: string; readonly why: string }[] = [
  {
    finding: 'D10: GET reads its kernel copy after freeing it, and leaks it on every error path',
    why: 'the model has no kernel heap: a copy of an argument is a value, which cannot be freed twice or late',
  },
  {
    finding:
      'D11, second half: the reverse map is changed while it is iterated over, out of bounds of its memslot',
    why: 'the model finds leaves by walking the tables, and has no reverse map; the half that leaves leaves alone is D11',
  },
  {
    finding: 'D14, second half: enabling SPP again leaks the old arrays of vectors',
    why: 'no kernel heap; that all vectors are full again is `enabled-again`',
  },
  {
    finding: 'D15, second half: SET dereferences vCPU 0, which is NULL',
    why: 'a crash of the kernel ends the model; the state that leads to it, enabled without a root, is D15',
  },
  {
    finding: 'Paolo 2017: only writes can be denied, so a device page cannot be shared by sub-pages',
    why: 'a limit of the processor, not of the code; reads are never asked about in any state here',
  },
  {
    finding: 'Paolo v4 5/9: SET must not build the SPPT',
    why: 'an order of work without a wrong outcome: the eager dialects 2017 and 2019 are proven too',
  },
  {
    finding: 'Paolo v7 5/9 and 3/9: KVM_ENABLE_CAP instead of KVM_INIT_SPP, sppt_root in kvm->arch',
    why: 'columns of the revisions and the shape of the state; what goes wrong without the second is D13 and D15',
  },
  {
    finding: 'Sean v10: invert the miss test with a WARN, names, why a flush in set_cr3',
    why: 'a misconfiguration exit is proven unreachable (K4), so both orders of the test behave the same',
  },
  {
    finding: 'Sean v10 3/10: SPP with 5-level EPT',
    why: 'an SPPT has four levels whatever the EPT has; what bits 51:48 select is not specified anywhere',
  },
];
