import { PkvmLeaf, showLeaf, viewOf } from '../../model/pkvm/index.ts';
import type { Implementation } from '../implementations/index.ts';
import type { LeafObservation } from './event.ts';
import type { Word } from './word.ts';
import type { Difference } from './verdict.ts';

/** `host 0x3000`, `guest 2 0x7000`. */
export const placeName = ({ table, address }: Pick<LeafObservation, 'table' | 'address'>): string =>
  `${table === 'host' ? 'host' : `guest ${table}`} 0x${address.toString(16)}`;

/** A word without the bits that the implementation does not compare. */
function compared(word: bigint, { ignoreAccessedDirty, ignoreSuppressVe }: Implementation['pkvm']): bigint {
  return PkvmLeaf.with(word, {
    ...(ignoreAccessedDirty ? { accessed: false, dirty: false } : {}),
    ...(ignoreSuppressVe ? { suppressVe: false } : {}),
  });
}

/** Whether a word is what was seen of it; only what was observed is compared. */
function agrees(word: bigint, seen: LeafObservation, options: Implementation['pkvm']): boolean {
  if (seen.word !== undefined && seen.word !== word) {
    if (compared(seen.word, options) !== compared(word, options)) return false;
  }
  if (seen.state === undefined && seen.isPresent === undefined && seen.ownerId === undefined) return true;
  const { pageState, isPresent, ownerId } = viewOf(word);
  return (
    (seen.state ?? pageState) === pageState &&
    (seen.isPresent ?? isPresent) === isPresent &&
    (isPresent || (seen.ownerId ?? ownerId) === ownerId)
  );
}

const stateNames = ['NOPAGE', 'OWNED', 'SHARED_OWNED', 'SHARED_BORROWED'] as const;

const kindOf = ({ table }: LeafObservation): 'host' | 'guest' => (table === 'host' ? 'host' : 'guest');
const hex = (word: bigint): string => `0x${word.toString(16).padStart(16, '0')}`;

/** A word as a difference shows it. */
const shown = (word: bigint, seen: LeafObservation): string =>
  `${hex(word)} (${showLeaf(word, kindOf(seen))})`;

function seenText(seen: LeafObservation): string {
  if (seen.word !== undefined) return shown(seen.word, seen);
  return [
    seen.state === undefined ? [] : [stateNames[seen.state]],
    seen.isPresent === undefined ? [] : [seen.isPresent ? 'present' : 'not present'],
    seen.ownerId === undefined ? [] : [`owner ${seen.ownerId}`],
  ]
    .flat()
    .join(', ');
}

/** Where the leaves that were seen are not those that `wordAt` expects; an unknown word differs from nothing. */
export function leafDifferences(
  seen: readonly LeafObservation[],
  wordAt: (seen: LeafObservation) => Word,
  options: Implementation['pkvm'],
): readonly Difference[] {
  return seen.flatMap(leaf => {
    const word = wordAt(leaf);
    return word === 'unknown' || agrees(word, leaf, options)
      ? []
      : [{ at: placeName(leaf), observed: seenText(leaf), allowed: shown(word, leaf) }];
  });
}
