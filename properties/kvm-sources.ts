import type { Read } from '../checker/index.ts';
import type { View } from '../model/kvm/index.ts';

export const viewOf = (read: Read): View => ({ get: cell => read(cell) });

/** A frame as the report calls it. */
export const frameName = (gfn: bigint): string => `gfn 0x${gfn.toString(16)}`;
