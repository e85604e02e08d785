import {
  AnnotationType,
  type Arm64Kernel,
  Arm64PageState,
  type Arm64PageStateName,
  arm64PageStateNames,
  attributesOf,
  LeafState,
  OwnerAnnotation,
  TypedAnnotation,
} from '../../../model/arm64/index.ts';
import type { Stage2Leaf } from './read-stage2.ts';

/** What a leaf of the host's table says of its pages. facts/arm64-live.md 5. */
export type HostLeafMeaning =
  /** Zero: the host's own, mapped when it is touched. */
  | { readonly kind: 'lazy' }
  | { readonly kind: 'mapped'; readonly isReadOnly: boolean; readonly state: Arm64PageStateName }
  | { readonly kind: 'hypervisor' }
  | { readonly kind: 'ffa' }
  | { readonly kind: 'guest'; readonly handle: number; readonly gfn: bigint }
  /** A call in progress holds the leaf. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'not understood' };

const hypervisorId = 1;
const ffaId = 2;
const guestOwner = 2;

export function hostMeaningOf(leaf: Stage2Leaf, kernel: Arm64Kernel): HostLeafMeaning {
  const { word, isValid } = leaf;
  if (isValid) return { kind: 'mapped', isReadOnly: !attributesOf(word).write, state: stateIn(word) };
  if (word === 0n) return { kind: 'lazy' };
  return kernel.annotation === 'typed' ? typedMeaning(word) : ownerMeaning(word, kernel);
}

function typedMeaning(word: bigint): HostLeafMeaning {
  const { type, owner, handle, gfn } = TypedAnnotation.decode(word);
  if (type === AnnotationType.locked) return { kind: 'locked' };
  if (type !== AnnotationType.donation) return { kind: 'not understood' };
  if (owner === hypervisorId) return { kind: 'hypervisor' };
  return owner === guestOwner ? { kind: 'guest', handle, gfn } : { kind: 'not understood' };
}

function ownerMeaning(word: bigint, { hasLockedBit }: Arm64Kernel): HostLeafMeaning {
  const { ownerId, locked } = OwnerAnnotation.decode(word);
  if (hasLockedBit && locked) return { kind: 'locked' };
  if (ownerId === hypervisorId) return { kind: 'hypervisor' };
  return ownerId === ffaId ? { kind: 'ffa' } : { kind: 'not understood' };
}

const stateIn = (word: bigint): Arm64PageStateName =>
  arm64PageStateNames[LeafState.get(word, 'pageState')] ?? 'NOPAGE';

/** The state that a valid leaf of a guest's table records. */
export const guestStateOf = (word: bigint): Arm64PageStateName => stateIn(word);

/** Whether an invalid leaf of a guest's table was poisoned: its page was taken by force. */
export const isPoisoned = (word: bigint, kernel: Arm64Kernel): boolean =>
  kernel.annotation === 'typed' && TypedAnnotation.get(word, 'type') === AnnotationType.poisoned;

/** The name of a recorded state; a number that is none is shown as it is. */
export const recordedState = (state: number): string => arm64PageStateNames[state] ?? `state ${state}`;

export const isState = (state: number, name: Arm64PageStateName): boolean => state === Arm64PageState[name];
