import type { Table } from './machine.ts';

/** A leaf word, or that nobody knows it. */
export type Word = bigint | 'unknown';

/** One leaf's place as a single key: cheap to hash, and in order of table and address. */
export type LeafKey = bigint;

const hostTable = 1n; // the host's owner id; a guest's table goes by the guest's
const addressSpace = 2n ** 64n;

export const leafKey = (table: Table, address: bigint): LeafKey =>
  (table === 'host' ? hostTable : BigInt(table)) * addressSpace + address;

export const leafPlace = (key: LeafKey): { readonly table: Table; readonly address: bigint } => {
  const table = key / addressSpace;
  return { table: table === hostTable ? 'host' : Number(table), address: key % addressSpace };
};

type Entries = readonly (readonly [LeafKey, Word | undefined])[];

/**
 * The words that events have written, as a value: `with` gives another one and leaves this one as it was. The newest
 * version holds the table, an older one only its difference to the next (Baker's rerooting), so that following one
 * long history costs one map update a word, and an older version still answers.
 */
export class LeafWords {
  static readonly none = (): LeafWords => new LeafWords(new Map());
  #held: Map<LeafKey, Word> | { readonly undo: Entries; readonly newer: LeafWords };

  private constructor(held: Map<LeafKey, Word>) {
    this.#held = held;
  }

  /** `undefined` where nothing was written. */
  get(key: LeafKey): Word | undefined {
    return LeafWords.#tableOf(this).get(key);
  }

  get size(): number {
    return LeafWords.#tableOf(this).size;
  }

  entries(): IterableIterator<[LeafKey, Word]> {
    return LeafWords.#tableOf(this).entries();
  }

  with(writes: Iterable<readonly [LeafKey, Word]>): LeafWords {
    const table = LeafWords.#tableOf(this);
    const undo: (readonly [LeafKey, Word | undefined])[] = [];
    for (const [key, word] of writes) {
      undo.push([key, table.get(key)]);
      table.set(key, word);
    }
    if (undo.length === 0) return this;
    const newer = new LeafWords(table);
    this.#held = { undo: undo.reverse(), newer };
    return newer;
  }

  /** A version that shares nothing with this one: for keeping beside a history that goes on. */
  copy(): LeafWords {
    return new LeafWords(new Map(LeafWords.#tableOf(this)));
  }

  /** Makes a version the one that holds the table, by undoing what came between. */
  static #tableOf(wanted: LeafWords): Map<LeafKey, Word> {
    const path: { readonly version: LeafWords; readonly undo: Entries }[] = [];
    let newest = wanted;
    let at = newest.#held;
    while (!(at instanceof Map)) {
      path.push({ version: newest, undo: at.undo });
      newest = at.newer;
      at = newest.#held;
    }
    for (const { version, undo } of path.reverse()) {
      const redo = undo.map(([key]) => [key, at.get(key)] as const);
      for (const [key, word] of undo) {
        if (word === undefined) at.delete(key);
        else at.set(key, word);
      }
      newest.#held = { undo: redo.reverse(), newer: version };
      version.#held = at;
      newest = version;
    }
    return at;
  }
}
