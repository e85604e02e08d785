import type { Read, Seen, Slot, Value, Write } from '../../checker/index.ts';

/** A second-level table: the host EPT, a guest's by its owner id, or the IOMMU's own. */
export type Table = 'host' | 'iommu' | number;

/** One entry of a table on the way to a page, as a walk reads it. */
export interface Entry {
  readonly level: 1 | 2;
  readonly word: bigint;
}

/** One leaf that becomes another word. */
export interface TableWrite {
  readonly table: Table;
  readonly address: bigint;
  readonly after: bigint;
}

/** Where a leaf is: in which table, for which address. */
export interface LeafPlace {
  readonly table: Table;
  readonly address: bigint;
}

/** Where the words of the tables lie in the state, and how they are read as leaves of 4 KByte. */
export interface TableWords {
  readonly slots: readonly Slot[];
  /** The leaf that is in force for the page at this address; 0 where the table does not reach. */
  leaf(read: Read, table: Table, address: bigint): bigint;
  /**
   * What a lens sees in these leaves, where it sees anything: `at` is the leaf's place in the list. The list and the
   * lens are the same on every run.
   */
  collect<W extends Value>(
    read: Read,
    leaves: readonly LeafPlace[],
    lens: (leaf: bigint) => W,
  ): readonly Seen<W>[];
  /** Whether the lens sees anything in any of them. */
  some(read: Read, leaves: readonly LeafPlace[], lens: (leaf: bigint) => Value): boolean;
  /** The entries that a walk to this address reads below the page-directory pointer, top down. */
  entries(read: Read, table: Table, address: bigint): readonly Entry[];
  /** The slot of a leaf, where it has one of its own. */
  slot?(table: Table, address: bigint): Slot | undefined;
  /** Does what a call wrote. A call over a whole region writes one large leaf. */
  apply(read: Read, write: Write, writes: readonly TableWrite[]): void;
}

export const nameOfTable = (table: Table): string => (typeof table === 'number' ? `guest${table}` : table);
