import { SpptEntry } from '../ept/spp/index.ts';
import type { View } from './cell.ts';
import type { Kvm } from './kvm.ts';
import { memoryOf, shadowLeaf } from './page-tables.ts';
import { KvmSpte } from './spte.ts';
import { isProtected, spptEntryAddress } from './sppt.ts';
import { hasVector } from './subpage-access.ts';
import { spread } from './vector.ts';

/**
 * Where a frame stands in its life under SPP, read off its words: facts 3.2. `stale` (the hardware enforces another
 * vector than user space set), `open` (the hardware enforces none) and `stray` (bit 61 where there is no vector) are
 * the states in which no correct KVM ever leaves a frame.
 */
export type PageLife =
  'off' | 'plain' | 'lazy pending' | 'marked-miss' | 'armed' | 'saved' | 'stale' | 'open' | 'stray';

/** Whether the walk of the SPPT reaches the frame's L1E: from the root, every entry above it is valid. */
export function regionIsBuilt({ vm }: Kvm, view: View, gfn: bigint): boolean {
  const memory = memoryOf(vm, view);
  const root = view.get(vm.spptRoot);
  return ([4, 3, 2] as const).every(level => {
    const entry = memory.read(spptEntryAddress(root, level, gfn));
    return entry !== undefined && SpptEntry.get(entry, 'valid');
  });
}

/** Reads a frame's state off the words. */
export function pageLife(kvm: Kvm, view: View, gfn: bigint): PageLife {
  const leaf = shadowLeaf(kvm, view, gfn);
  const { write, subPageWrite, sppSaved } = KvmSpte.decode(leaf?.spte ?? 0n);
  if (!isProtected(kvm, view, gfn)) {
    if (subPageWrite || sppSaved) return 'stray';
    return view.get(kvm.vm.active) && hasVector(kvm, view, gfn) ? 'plain' : 'off';
  }
  if (leaf === undefined || leaf.spte === 0n) return 'lazy pending';
  if (leaf.size === '2M' || write || subPageWrite === sppSaved) return 'open';
  if (sppSaved) return 'saved';
  if (!regionIsBuilt(kvm, view, gfn)) return 'marked-miss';
  const l1e = memoryOf(kvm.vm, view).read(spptEntryAddress(0n, 1, gfn));
  return l1e === spread(view.get(kvm.vm.frame(gfn).vector)) ? 'armed' : 'stale';
}
