import {
  type Arm64Kernel,
  arm64Kernels,
  LeafState,
  OwnerAnnotation,
  TypedAnnotation,
} from '../../../model/arm64/index.ts';
import type { Stage2Reading } from './read-stage2.ts';

/** What the words of a host's table can be: the kernels that are left, and why the others are not. */
export interface KernelEvidence {
  readonly candidates: readonly Arm64Kernel[];
  readonly because: readonly string[];
}

/**
 * Finds out which kernels can have written a host's table. Bits decide, never a guess: where more than one kernel is
 * left and they differ in a column that matters, the caller has to be asked.
 */
export function kernelsOf(host: Stage2Reading, hasVmemmap: boolean): KernelEvidence {
  let candidates: readonly Arm64Kernel[] = arm64Kernels;
  const because: string[] = [];
  const keep = (holds: (kernel: Arm64Kernel) => boolean, why: string): void => {
    const kept = candidates.filter(holds);
    if (kept.length === candidates.length) return;
    candidates = kept;
    because.push(why);
  };
  const annotations = host.leaves.filter(({ isValid, word }) => !isValid && word !== 0n);
  const typed = annotations.find(({ word }) => TypedAnnotation.get(word, 'type') !== 0);
  if (typed !== undefined)
    keep(({ annotation }) => annotation === 'typed', 'an annotation has a type in bits 63:60');
  else if (annotations.some(({ word }) => OwnerAnnotation.get(word, 'ownerId') !== 0))
    keep(({ annotation }) => annotation === 'owner id', 'annotations have the owner in bits 9:2');
  if (host.leaves.some(({ isValid, word }) => isValid && LeafState.get(word, 'pageState') !== 0))
    keep(({ stateIn }) => stateIn === 'host leaf', 'leaves of the host record a page state');
  if (hasVmemmap) keep(({ stateIn }) => stateIn === 'hyp_vmemmap', 'the address of hyp_vmemmap was given');
  return { candidates, because };
}

/** Whether two kernels read the same tables alike, but for the locked bit, which shows only when it is set. */
const readAlike = (one: Arm64Kernel, other: Arm64Kernel): boolean =>
  one.stateIn === other.stateIn &&
  one.annotation === other.annotation &&
  one.tracksNormalGuests === other.tracksNormalGuests;

/** The one kernel that is left, or the newest of several that read these tables alike. */
export function kernelLeft({ candidates }: KernelEvidence): Arm64Kernel | undefined {
  const newest = candidates.at(-1);
  return newest !== undefined && candidates.every(kernel => readAlike(kernel, newest)) ? newest : undefined;
}
