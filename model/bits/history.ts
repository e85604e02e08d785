import type { Member } from './c-type.ts';
import { type Place, placesOf } from './places.ts';
import type { Source } from '../citation.ts';

/** One revision of a structure. */
export interface StructRevision {
  readonly revision: string;
  readonly about: string;
  readonly source: Source;
  readonly table: {
    readonly name: string;
    readonly size: number;
    readonly alignment: number;
    readonly members: readonly Member[];
  };
  /** Where a member goes by another name here: its path, and the name that all revisions share. */
  readonly sharedNames?: Readonly<Record<string, string>>;
}

/** A structure that changed while others read it: every revision, oldest first. */
export interface StructHistory {
  readonly name: string;
  readonly about: string;
  readonly revisions: readonly StructRevision[];
}

export type ChangeKind = 'added' | 'removed' | 'renamed' | 'moved' | 'resized';

/** What became of one member between two revisions. */
export interface Change {
  /** The name that all revisions share. */
  readonly name: string;
  readonly kinds: readonly ChangeKind[];
  readonly before?: Place;
  readonly after?: Place;
}

/** Every member of a revision under the name that all revisions share. */
export const namedPlaces = ({ table, sharedNames = {} }: StructRevision): Map<string, Place> =>
  new Map(placesOf(table).map(place => [sharedNames[place.path] ?? place.path, place]));

/** In bits, from the start of the structure. */
const firstBit = ({ offset, bits }: Place): number => 8 * offset + (bits?.lo ?? 0);
const width = ({ size, bits }: Place): number => (bits === undefined ? 8 * size : bits.hi - bits.lo + 1);

function kindsOf(before: Place, after: Place): ChangeKind[] {
  const kinds: ChangeKind[] = [];
  if (before.path !== after.path) kinds.push('renamed');
  if (firstBit(before) !== firstBit(after)) kinds.push('moved');
  if (width(before) !== width(after)) kinds.push('resized');
  return kinds;
}

/** What changed from one revision to another, in the order of the new one, members that are gone last. */
export function changesBetween(before: StructRevision, after: StructRevision): Change[] {
  const old = namedPlaces(before);
  const now = namedPlaces(after);
  const changes = [...now].map(([name, place]): Change => {
    const was = old.get(name);
    if (was === undefined) return { name, kinds: ['added'], after: place };
    return { name, kinds: kindsOf(was, place), before: was, after: place };
  });
  const gone = [...old]
    .filter(([name]) => !now.has(name))
    .map(([name, place]): Change => ({ name, kinds: ['removed'], before: place }));
  return [...changes.filter(({ kinds }) => kinds.length > 0), ...gone];
}
