import type { Member } from './system.ts';

/** The members of a sort, named. */
export const membersOf = (sort: string, names: readonly string[]): readonly Member[] =>
  names.map((name, at) => ({ sort, at, name }));
