import { touchedSubPages } from '../ept/index.ts';
import type { State, View } from './cell.ts';
import { hostLargePage, hostPage, regionOf } from './host-memory.ts';
import type { FaultingVcpu, Handling, Install, Kvm } from './kvm.ts';
import { ensurePageTable, pdeAddress, pteAddress, shadowLeaf, store } from './page-tables.ts';
import { KVM_EXIT_MMIO } from './spp-numbers.ts';
import { KvmSpte, isShadowPresent, plainLeaf, protectedLeaf } from './spte.ts';
import { ensureL1Page, framesOfRegion, isProtected, validateRegion, writeL1e } from './sppt.ts';
import { savedLeaf } from './tracking.ts';
import { permitsWrite } from './vector.ts';

const isLogging = ({ vm }: Kvm, view: View, gfn: bigint): boolean => {
  const slot = vm.memslotOf(gfn);
  return slot !== undefined && view.get(slot.logging);
};

/** `kvm_vcpu_mark_page_dirty`. Without logging there is no bitmap. */
export function markPageDirty(kvm: Kvm, state: State, gfn: bigint): void {
  if (isLogging(kvm, state, gfn)) state.set(kvm.vm.frame(gfn).dirty, true);
}

/**
 * `check_spp_protection`: a large page must not cover a protected frame, since bit 61 means nothing in a large leaf.
 * Nor one whose writes are logged by page.
 */
export function mappingLevel(kvm: Kvm, view: View, gfn: bigint): '4K' | '2M' {
  if (!kvm.vm.shape.largeBacking) return '4K';
  const frames = framesOfRegion(kvm.vm, regionOf(gfn));
  const isMapped = (frame: bigint): boolean => {
    const slot = kvm.vm.memslotOf(frame);
    return slot !== undefined && view.get(slot.state) !== 'none';
  };
  const fits = frames.every(
    frame => isMapped(frame) && !isProtected(kvm, view, frame) && !isLogging(kvm, view, frame),
  );
  return fits ? '2M' : '4K';
}

/** The leaf that a frame gets: writable only where nothing needs to hear of the write. */
function leafFor(kvm: Kvm, view: View, { gfn, cause }: Install): bigint {
  const mayWrite = cause === 'write' || !isLogging(kvm, view, gfn);
  const plain = plainLeaf(hostPage(gfn), '4K', mayWrite);
  if (!isProtected(kvm, view, gfn)) return plain;
  return mayWrite || !kvm.revision.savesSpp ? protectedLeaf(plain) : savedLeaf(plain);
}

/** Installs a translation in one write: no processor ever sees a protected frame writable. */
export function installLeaf(kvm: Kvm, state: State, install: Install): Handling {
  const { gfn, cause } = install;
  if (kvm.steps.mappingLevel(kvm, state, gfn) === '2M') {
    const region = regionOf(gfn);
    store(kvm.vm, state, pdeAddress(gfn), plainLeaf(hostLargePage(region), '2M', true));
    for (const frame of framesOfRegion(kvm.vm, region)) store(kvm.vm, state, pteAddress(frame), 0n);
    kvm.steps.flushRemoteTlbs(kvm, state);
    return { kind: 'retry', did: 'mapped 2M' };
  }
  if (shadowLeaf(kvm, state, gfn)?.size === '2M') kvm.steps.flushRemoteTlbs(kvm, state);
  ensurePageTable(kvm, state, gfn);
  if (cause === 'write') markPageDirty(kvm, state, gfn);
  store(kvm.vm, state, pteAddress(gfn), leafFor(kvm, state, install));
  if (kvm.revision.setOnMapped === 'eager' && isProtected(kvm, state, gfn)) {
    ensureL1Page(kvm, state, gfn);
    writeL1e(kvm, state, gfn);
    validateRegion(kvm, state, gfn);
  }
  return { kind: 'retry', did: 'mapped 4K' };
}

const sppExit = ({ revision }: Kvm, { access }: FaultingVcpu): Handling => ({
  kind: 'user',
  exitReason: revision.exitNumber,
  sppAddress: access.access.gpa,
  ripMoved: revision.skipsInstruction,
});

const restoreAccess = (spte: bigint): bigint => {
  const { special, accessTrackRead, accessTrackExecute } = KvmSpte.decode(spte);
  if (!special) return spte;
  return KvmSpte.with(spte, {
    read: accessTrackRead,
    execute: accessTrackExecute,
    accessTrackRead: false,
    accessTrackExecute: false,
    special: false,
  });
};

/** The leaf with the write access back that logging took: bit 61 where that was saved, W where there was W. */
const restoreWrite = (spte: bigint): bigint =>
  KvmSpte.get(spte, 'sppSaved')
    ? KvmSpte.with(spte, { subPageWrite: true, sppSaved: false })
    : KvmSpte.with(spte, { write: KvmSpte.get(spte, 'mmuWritable') });

/**
 * Whether bit 61 of a leaf means that this write was denied. Bit 61 alone does not say so: the violation may be of a
 * moment ago, when the frame was not mapped or had another vector. Asking the vector is exact.
 */
export function isDenied(kvm: Kvm, view: View, { access }: FaultingVcpu): boolean {
  const vector = view.get(kvm.vm.frame(access.gfn).vector);
  return touchedSubPages(access.access).some(subPage => !permitsWrite(vector, subPage));
}

/**
 * `fast_page_fault`: a fault on a present leaf, by one compare-and-exchange and without `mmu_lock`. Seed 002, "if
 * (spte & PT_SPP_MASK)": the hardware asked the SPPT and was told no.
 */
export function fastPageFault(kvm: Kvm, state: State, fault: FaultingVcpu): Handling | undefined {
  const { gfn, writes } = fault.access;
  const leaf = shadowLeaf(kvm, state, gfn);
  if (leaf === undefined || !isShadowPresent(leaf.spte)) return undefined;
  const { write, subPageWrite } = KvmSpte.decode(leaf.spte);
  if (writes && subPageWrite)
    return kvm.steps.isDenied(kvm, state, fault)
      ? sppExit(kvm, fault)
      : { kind: 'retry', did: 'not denied any more' };
  const readable = restoreAccess(leaf.spte);
  const spte = writes && !write ? restoreWrite(readable) : readable;
  if (spte === leaf.spte) return { kind: 'retry', did: 'nothing to do' };
  if (leaf.size === '2M' && isLogging(kvm, state, gfn)) return undefined;
  store(kvm.vm, state, leaf.address, spte);
  if (writes) markPageDirty(kvm, state, gfn);
  return { kind: 'retry', did: 'restored' };
}

/** An EPT violation that `fastPageFault` did not settle, under `mmu_lock`: there is no translation, or no memory. */
export function mapFault(kvm: Kvm, state: State, { access: { gfn, writes } }: FaultingVcpu): Handling {
  const slot = kvm.vm.memslotOf(gfn);
  if (slot === undefined || state.get(slot.state) === 'none')
    return { kind: 'user', exitReason: KVM_EXIT_MMIO, ripMoved: true };
  return kvm.steps.installLeaf(kvm, state, { gfn, cause: writes ? 'write' : 'read' });
}
