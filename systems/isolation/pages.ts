import type { Slot } from '../../checker/index.ts';
import { hostLeaf, NEVER_MAPPED, PageState, showLeaf, tableEntry } from '../../model/pkvm/index.ts';
import { leafTableAddress } from './walk.ts';
import { nameOfTable, type Table, type TableWords } from './table.ts';
import type { Places } from './places.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The IOMMU's leaves have no state of their own. */
const showIommuLeaf = (leaf: bigint): string =>
  leaf === NEVER_MAPPED ? 'unmapped' : showLeaf(leaf, 'host').replace('NOPAGE ', '');

/** Tables in which every leaf is a slot. */
export interface PageTables extends TableWords {
  slot(table: Table, address: bigint): Slot<bigint> | undefined;
}

/** Tables of 4-KByte leaves: one slot a leaf, below a page-directory entry that never changes. */
export function pageTables(places: Places): PageTables {
  const slots = new Map<string, Slot<bigint>>();
  const keyOf = (table: Table, address: bigint): string => `${table} ${address}`;
  const add = (table: Table, address: bigint, initial: bigint): void => {
    const kind = typeof table === 'number' ? 'guest' : 'host';
    slots.set(keyOf(table, address), {
      name: `${nameOfTable(table)}[${hex(address)}]`,
      initial,
      show: leaf => (table === 'iommu' ? showIommuLeaf(leaf) : showLeaf(leaf, kind)),
    });
  };
  for (const page of places.pages) add('host', page, hostLeaf(page, PageState.PKVM_PAGE_OWNED));
  for (const page of places.mmio) add('host', page, NEVER_MAPPED);
  for (const { id } of places.vms) for (const gpa of places.gpas) add(id, gpa, NEVER_MAPPED);
  if (places.size.dma === 'own-table') for (const page of places.pages) add('iommu', page, NEVER_MAPPED);

  const leaf: TableWords['leaf'] = (read, table, address) => {
    const slot = slots.get(keyOf(table, address));
    return slot === undefined ? NEVER_MAPPED : read(slot);
  };
  return {
    slots: [...slots.values()],
    leaf,
    slot: (table, address) => slots.get(keyOf(table, address)),
    entries: (read, table, address) => [
      { level: 2, word: tableEntry(leafTableAddress(table)) },
      { level: 1, word: leaf(read, table, address) },
    ],
    apply: (_, write, writes) => {
      for (const { table, address, after } of writes) {
        const slot = slots.get(keyOf(table, address));
        // a fault may write a leaf that the profile does not model; a correct call never does
        if (slot !== undefined) write(slot, after);
      }
    },
  };
}
