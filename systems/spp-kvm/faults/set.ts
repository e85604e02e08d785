import {
  copySubpageArgument,
  correctSteps,
  failure,
  framesOf,
  hasVector,
  invalidateRegion,
  isProtected,
  type Kvm,
  KvmSpte,
  KvmSubpage,
  protectedLeaf,
  regionOf,
  type SetSection,
  shadowLeaf,
  type State,
  type Steps,
  store,
  writeProtected,
  zapFrame,
} from '../../../model/kvm/index.ts';

/** Faults of SET: facts 5. Each is the step that it replaces. */

/** D1: after a region is flushed, `gfn += count; break;` and then the loop's own `gfn++`: one page is skipped. */
export const skipsPageAfterRegion: Steps['regionsToFlush'] = range => {
  const end = range.gfn + BigInt(range.npages) - 1n;
  const flushed: bigint[] = [];
  for (let gfn = range.gfn; gfn <= end; gfn++) {
    const region = regionOf(gfn);
    flushed.push(region);
    gfn = (region + 1n) * 512n;
  }
  return flushed;
};

const flushSppt: SetSection = {
  name: 'flush the SPPT',
  keepsLock: false,
  flushesSppt: true,
  setsVectors: false,
  run: (kvm, state, request) => {
    for (const region of kvm.steps.regionsToFlush(request)) invalidateRegion(kvm, state, region);
    kvm.steps.flushRemoteTlbs(kvm, state);
    return request.npages;
  },
};

const updateVectors: SetSection = {
  name: 'update the vectors',
  keepsLock: false,
  flushesSppt: false,
  setsVectors: true,
  run: (kvm, state, request) => {
    const failed = kvm.steps.writeVectors(kvm, state, request);
    if (failed !== undefined) return failed;
    kvm.steps.updateMappings(kvm, state, request);
    kvm.steps.flushRemoteTlbs(kvm, state);
    return request.npages;
  },
};

/** D2: "SET drops mmu_lock between flush and vector update". */
export const lockDroppedInBetween: readonly SetSection[] = [flushSppt, updateVectors];

/** D3: no hole is looked for before anything is changed. */
export const checksRootOnly: Steps['checkSet'] = (kvm, view) =>
  view.get(kvm.vm.spptRoot) === 0n ? failure('EFAULT') : undefined;

/** D3: "writes vectors page by page and returns -EFAULT at the first hole". */
export const pageByPage: Steps['writeVectors'] = (kvm, state, request) => {
  for (const [i, gfn] of framesOf(request).entries()) {
    if (!hasVector(kvm, state, gfn)) return failure('EFAULT');
    state.set(kvm.vm.frame(gfn).vector, request.accessMap[i] ?? 0);
  }
  return undefined;
};

/** D6: at a large page `gfn += count - 1` without advancing the index of `access_map`. */
export const skipsLargePage: Steps['writeVectors'] = (kvm, state, request) => {
  let gfn = request.gfn;
  for (const vector of request.accessMap) {
    if (!hasVector(kvm, state, gfn)) break;
    state.set(kvm.vm.frame(gfn).vector, vector);
    const isLarge = shadowLeaf(kvm, state, gfn)?.size === '2M';
    gfn = isLarge ? (regionOf(gfn) + 1n) * 512n : gfn + 1n;
  }
  return undefined;
};

function markAfterWriteProtect(kvm: Kvm, state: State, gfn: bigint): void {
  const leaf = shadowLeaf(kvm, state, gfn);
  if (leaf === undefined || leaf.spte === 0n) return;
  if (leaf.size === '2M') return zapFrame(kvm, state, gfn);
  const protectedNow = writeProtected(kvm, leaf.spte);
  const marked = isProtected(kvm, state, gfn)
    ? protectedLeaf(protectedNow)
    : KvmSpte.with(protectedNow, { subPageWrite: false });
  store(kvm.vm, state, leaf.address, marked);
}

/** D7: `spte_write_protect` in the update of a leaf moves bit 61 to its saved copy, which then stays. */
export const marksAfterWriteProtect: Steps['updateMappings'] = (kvm, state, range) => {
  for (const gfn of framesOf(range)) markAfterWriteProtect(kvm, state, gfn);
};

/** D11: "uses the first gfn's slot for the whole range". */
export const firstMemslotOnly: Steps['updateMappings'] = (kvm, state, range) => {
  const first = kvm.vm.memslotOf(range.gfn);
  for (const gfn of framesOf(range)) if (first?.gfns.includes(gfn) === true) zapFrame(kvm, state, gfn);
};

/** The review of v8's API: flags that are not looked at can never be given a meaning. */
export const ignoresFlags: Steps['copyArgument'] = (rules, conditions, copy) => {
  const flagsAt = BigInt(KvmSubpage.offsets.flags);
  const withoutFlags: typeof copy = (address, length) => {
    const bytes = copy(address, length)?.slice();
    const at = Number(flagsAt - address);
    bytes?.fill(0, at, at + 4);
    return bytes;
  };
  return copySubpageArgument(rules, conditions, withoutFlags);
};

/** The last vector of a SET is written to the page behind the range too. */
export const oneTooMany: Steps['writeVectors'] = (kvm, state, request) => {
  const behind = request.gfn + BigInt(request.npages);
  const vector = request.accessMap.at(-1);
  if (vector !== undefined && kvm.vm.shape.gfns.includes(behind))
    state.set(kvm.vm.frame(behind).vector, vector);
  return correctSteps.writeVectors(kvm, state, request);
};
