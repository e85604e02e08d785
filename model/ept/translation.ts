import type { Word } from '../bits/index.ts';
import type { Level, PageSize } from './level.ts';

/** One word that a walk read. */
export interface WalkRead<W extends Word = bigint> {
  readonly table: 'ept' | 'sppt';
  readonly level: Level;
  readonly address: bigint;
  readonly word: W;
}

/** A translation: the entries used, top down. What they permit together is `allGive`. */
export interface MappedPage<W extends Word = bigint> {
  readonly level: 1 | 2 | 3;
  readonly pageSize: PageSize;
  /** The physical address of the page. */
  readonly page: bigint;
  readonly leaf: WalkRead<W>;
  readonly entries: readonly WalkRead<W>[];
}
