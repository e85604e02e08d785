import type { Read, Slot, Write } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { NEVER_MAPPED, showLeaf } from '../../model/pkvm/index.ts';
import type { LeafTables } from '../pages/leaf-tables.ts';
import type { Places } from '../pages/places.ts';
import { nameOfTable, type Table, type TableWrite } from '../pages/table.ts';

/** What a slot holds of a word that is the same in the sequential order. No leaf is negative. */
const SAME = -1n;

/**
 * The words as the same calls leave them, each made at once, in the order in which they got their turn. A slot holds a
 * word only where it is another one than the word of now: that the two are the same is then told by one slot.
 */
export interface SequentialWords {
  readonly slots: readonly Slot<bigint>[];
  slot(table: Table, address: bigint): Slot<bigint> | undefined;
  leaf(read: Read, table: Table, address: bigint): bigint;
  /** What a call at once writes: the words of now stay. */
  apply(read: Read, write: Write, writes: readonly TableWrite[]): void;
  /** A step writes a word of now: the word of the sequential order stays. */
  writeNow(read: Read, write: Write, one: TableWrite): void;
}

export function sequentialWords({ pages, vms, gpas }: Places, words: LeafTables): SequentialWords {
  const keyOf = (table: Table, address: bigint): string => `${table} ${address}`;
  const leaves: readonly (readonly [Table, bigint])[] = [
    ...pages.map(page => ['host', page] as const),
    ...vms.flatMap(({ id }) => gpas.map(gpa => [id, gpa] as const)),
  ];
  const slots = new Map(
    leaves.map(([table, address]): [string, Slot<bigint>] => [
      keyOf(table, address),
      {
        name: `sequential ${nameOfTable(table)}[${addressHex(address)}]`,
        initial: SAME,
        show: word => (word === SAME ? 'the same' : showLeaf(word, table === 'host' ? 'host' : 'guest')),
      },
    ]),
  );
  const slot = (table: Table, address: bigint): Slot<bigint> | undefined =>
    slots.get(keyOf(table, address));
  const leaf: SequentialWords['leaf'] = (read, table, address) => {
    const found = slot(table, address);
    const word = found === undefined ? NEVER_MAPPED : read(found);
    return word === SAME ? words.leaf(read, table, address) : word;
  };
  return {
    slots: [...slots.values()],
    slot,
    leaf,
    apply: (read, write, writes) => {
      for (const { table, address, after } of writes) {
        const found = slot(table, address);
        if (found !== undefined) write(found, after === words.leaf(read, table, address) ? SAME : after);
      }
    },
    writeNow: (read, write, { table, address, after }) => {
      const [now, found] = [words.slot(table, address), slot(table, address)];
      if (now === undefined || found === undefined) return;
      const inOrder = leaf(read, table, address);
      write(now, after);
      write(found, inOrder === after ? SAME : inOrder);
    },
  };
}
