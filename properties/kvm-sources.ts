import type { Read } from '../checker/index.ts';
import type { View } from '../model/kvm/index.ts';

/** What the sentences about SPP in KVM share: their source, and the checker's reading as the model's. */

/** One of the invariants of `facts/ept-spp.md` 4, by its label and words. */
export const invariant = (id: string, words: string): { readonly id: string; readonly source: string } => ({
  id,
  source: `facts 4, ${id}: "${words}"`,
});

export const viewOf = (read: Read): View => ({ get: cell => read(cell) });

/** A frame as the report calls it. */
export const frameName = (gfn: bigint): string => `gfn 0x${gfn.toString(16)}`;
