import type { State } from './cell.ts';
import type { Kvm, Section } from './kvm.ts';
import { shadowLeaf, store, zapFrame } from './page-tables.ts';
import { isShadowPresent, KvmSpte } from './spte.ts';
import type { MemslotCells } from './vm.ts';

/**
 * Dirty logging and access tracking: both take rights away from leaves to hear of the next access, and both must
 * put bit 61 aside meanwhile, or the fault would look like a denial. Facts 5, Paolo's review of v4 7/9.
 */

/** Bit 61 put aside: the next write faults and KVM restores it. W stays 0. */
export const savedLeaf = (spte: bigint): bigint =>
  KvmSpte.with(spte, { write: false, subPageWrite: false, sppSaved: true });

/** `spte_write_protect`. */
export function writeProtected({ revision }: Kvm, spte: bigint): bigint {
  if (revision.savesSpp && KvmSpte.get(spte, 'subPageWrite')) return savedLeaf(spte);
  return KvmSpte.with(spte, { write: false });
}

/** Write-protects the leaf of a frame, if it has one. */
function writeProtectFrame(kvm: Kvm, state: State, gfn: bigint): void {
  const leaf = shadowLeaf(kvm, state, gfn);
  if (leaf !== undefined && isShadowPresent(leaf.spte))
    store(kvm.vm, state, leaf.address, kvm.steps.writeProtected(kvm, leaf.spte));
}

/** KVM_MEM_LOG_DIRTY_PAGES set on a memslot: from now on every write is to be found in the log. */
export const loggingSections: readonly Section<MemslotCells>[] = [
  {
    name: 'write-protect',
    keepsLock: false,
    run: (kvm, state, slot) => {
      state.set(slot.logging, true);
      for (const gfn of slot.gfns) writeProtectFrame(kvm, state, gfn);
      kvm.steps.flushRemoteTlbs(kvm, state);
      return 0;
    },
  },
];

/** KVM_GET_DIRTY_LOG: the frames written since the last call, which are protected again. Returns how many. */
export function getDirtyLog(kvm: Kvm, state: State, slot: MemslotCells): number {
  const dirty = slot.gfns.filter(gfn => state.get(kvm.vm.frame(gfn).dirty));
  for (const gfn of slot.gfns) {
    state.set(kvm.vm.frame(gfn).dirty, false);
    state.set(kvm.vm.frame(gfn).written, false);
  }
  for (const gfn of dirty) writeProtectFrame(kvm, state, gfn);
  kvm.steps.flushRemoteTlbs(kvm, state);
  return dirty.length;
}

/** The flag cleared: leaves that a large page could replace are zapped, the others get their access back by faults. */
export function stopLogging(kvm: Kvm, state: State, slot: MemslotCells): void {
  state.set(slot.logging, false);
  for (const gfn of slot.gfns) {
    state.set(kvm.vm.frame(gfn).dirty, false);
    state.set(kvm.vm.frame(gfn).written, false);
    if (kvm.vm.shape.largeBacking) zapFrame(kvm, state, gfn);
  }
  kvm.steps.flushRemoteTlbs(kvm, state);
}

/**
 * `mark_spte_for_access_track`, for a processor whose EPT has no accessed flag: the leaf loses R, W and X until the
 * next access. Only 4-KByte leaves here. Returns whether there was something to track.
 */
export function trackAccess(kvm: Kvm, state: State, gfn: bigint): boolean {
  const leaf = shadowLeaf(kvm, state, gfn);
  if (leaf?.size !== '4K' || !KvmSpte.get(leaf.spte, 'read')) return false;
  const { read, execute } = KvmSpte.decode(leaf.spte);
  const spte = KvmSpte.with(kvm.steps.writeProtected(kvm, leaf.spte), {
    read: false,
    execute: false,
    accessTrackRead: read,
    accessTrackExecute: execute,
    special: true,
  });
  store(kvm.vm, state, leaf.address, spte);
  kvm.steps.flushRemoteTlbs(kvm, state);
  return true;
}
