import type { Level, PageSize } from './level.ts';
import type { Rights } from './rights.ts';

/** One word that a walk read. */
export interface WalkRead {
  readonly table: 'ept' | 'sppt';
  readonly level: Level;
  readonly address: bigint;
  readonly word: bigint;
}

/** A translation: the entries used, top down, and what they permit together. */
export interface MappedPage {
  readonly level: 1 | 2 | 3;
  readonly pageSize: PageSize;
  /** The physical address of the page. */
  readonly page: bigint;
  readonly leaf: WalkRead;
  readonly entries: readonly WalkRead[];
  /** The rights of all entries. */
  readonly rights: Rights;
  /** The rights of all entries but the leaf. */
  readonly rightsAboveLeaf: Rights;
}
