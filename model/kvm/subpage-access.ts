import type { State, View } from './cell.ts';
import { failure } from './errno.ts';
import { regionOf } from './host-memory.ts';
import type { FrameRange, Kvm, SetRequest, SetSection } from './kvm.ts';
import { shadowLeaf, store, zapFrame } from './page-tables.ts';
import { KvmSpte, protectedLeaf } from './spte.ts';
import { ensureL1Page, invalidateRegion, isProtected, validateRegion, writeL1e } from './sppt.ts';
import type { SubpageArgument } from './subpage-struct.ts';

/** The frames of a range, ascending. */
export const framesOf = ({ gfn, npages }: FrameRange): readonly bigint[] =>
  Array.from({ length: npages }, (_, i) => gfn + BigInt(i));

/** Whether a frame's memslot has vectors: without them GET and SET are `-EFAULT`. */
export function hasVector({ vm }: Kvm, view: View, gfn: bigint): boolean {
  const slot = vm.memslotOf(gfn);
  return slot !== undefined && view.get(slot.state) === 'info';
}

/** KVM_SUBPAGES_GET_ACCESS after the argument was copied: the vectors of the range, or `-EFAULT` at the first hole. */
export function getAccess(
  kvm: Kvm,
  view: View,
  range: Pick<SubpageArgument, 'gfn' | 'npages'>,
): { readonly result: number; readonly accessMap: readonly number[] } {
  const frames = framesOf(range);
  if (!frames.every(gfn => hasVector(kvm, view, gfn))) return { result: failure('EFAULT'), accessMap: [] };
  return { result: range.npages, accessMap: frames.map(gfn => view.get(kvm.vm.frame(gfn).vector)) };
}

/** Everything that can refuse a SET, asked before anything is changed: a call that fails has changed nothing. */
export function checkSet(kvm: Kvm, view: View, request: SetRequest): number | undefined {
  const frames = framesOf(request);
  if (view.get(kvm.vm.spptRoot) === 0n) return failure('EFAULT');
  if (!frames.every(gfn => hasVector(kvm, view, gfn))) return failure('EFAULT');
  const isLarge = (gfn: bigint): boolean => shadowLeaf(kvm, view, gfn)?.size === '2M';
  return kvm.revision.largePages === 'refused' && frames.some(isLarge) ? failure('EFAULT') : undefined;
}

/** The regions that a range touches. */
export const regionsToFlush = (range: FrameRange): readonly bigint[] => [
  ...new Set(framesOf(range).map(regionOf)),
];

/** The vectors, one a page. The range was checked. */
export function writeVectors({ vm }: Kvm, state: State, request: SetRequest): undefined {
  framesOf(request).forEach((gfn, i) => {
    const vector = request.accessMap[i];
    if (vector === undefined) throw new RangeError('SET needs one vector a page');
    state.set(vm.frame(gfn).vector, vector);
  });
}

/** `mark`: the leaf stays and turns over to the SPPT, or back to plain. A large leaf goes: it cannot be protected. */
function markFrame(kvm: Kvm, state: State, gfn: bigint): void {
  const leaf = shadowLeaf(kvm, state, gfn);
  if (leaf === undefined || leaf.spte === 0n) return;
  const guarded = isProtected(kvm, state, gfn);
  if (leaf.size === '2M') {
    if (guarded) zapFrame(kvm, state, gfn);
    return;
  }
  const plain = KvmSpte.with(leaf.spte, { subPageWrite: false, sppSaved: false });
  store(kvm.vm, state, leaf.address, guarded ? protectedLeaf(plain) : plain);
}

/** `eager`: bit 61 and the SPPT at once, as seed 001, 4 (1) has it; what is not mapped yet is set up by its fault. */
function armFrame(kvm: Kvm, state: State, gfn: bigint): void {
  markFrame(kvm, state, gfn);
  ensureL1Page(kvm, state, gfn);
  writeL1e(kvm, state, gfn);
  validateRegion(kvm, state, gfn);
}

/** Makes the mappings of a range obey its vectors. */
export function updateMappings(kvm: Kvm, state: State, range: FrameRange): void {
  const update = { zap: zapFrame, mark: markFrame, eager: armFrame }[kvm.revision.setOnMapped];
  for (const gfn of framesOf(range)) update(kvm, state, gfn);
}

/**
 * Vectors, SPPT and mappings in one section: who takes `mmu_lock` next finds all of them old or all of them new. An
 * eager SET rewrites the L1Es itself and leaves the L2Es valid.
 */
const update: SetSection = {
  name: 'update',
  keepsLock: true,
  flushesSppt: true,
  setsVectors: true,
  run: (kvm, state, request) => {
    const failed = kvm.steps.writeVectors(kvm, state, request);
    if (failed !== undefined) return failed;
    if (kvm.revision.setOnMapped !== 'eager')
      for (const region of kvm.steps.regionsToFlush(request)) invalidateRegion(kvm, state, region);
    kvm.steps.updateMappings(kvm, state, request);
    return request.npages;
  },
};

/** No processor may go on using what it cached before: only then does the caller hear of success. */
const flush: SetSection = {
  name: 'flush',
  keepsLock: false,
  flushesSppt: false,
  setsVectors: false,
  run: (kvm, state, request) => {
    kvm.steps.flushRemoteTlbs(kvm, state);
    return request.npages;
  },
};

export const setSections: readonly SetSection[] = [update, flush];
