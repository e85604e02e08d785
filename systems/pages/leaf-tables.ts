import { collect, type Slot, some } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { hostLeaf, NEVER_MAPPED, PageState, showLeaf, tableEntry } from '../../model/pkvm/index.ts';
import type { OwnershipSlots } from '../../properties/ownership-slots.ts';
import type { Places } from './places.ts';
import type { LeafIs } from './slot-is.ts';
import { type LeafPlace, nameOfTable, type Table, type TableWords } from './table.ts';
import { leafTableAddress } from './walk.ts';

/** The IOMMU's leaves have no state of their own. */
const showIommuLeaf = (leaf: bigint): string =>
  leaf === NEVER_MAPPED ? 'unmapped' : showLeaf(leaf, 'host').replace('NOPAGE ', '');

const showIn =
  (table: Table) =>
  (leaf: bigint): string =>
    table === 'iommu' ? showIommuLeaf(leaf) : showLeaf(leaf, table === 'host' ? 'host' : 'guest');

/** Tables in which every leaf is a slot. */
export interface LeafTables extends TableWords {
  readonly slots: readonly Slot<bigint>[];
  slot(table: Table, address: bigint): Slot<bigint> | undefined;
}

/** How tables begin, where it is not as a hypervisor leaves them that has just taken over. */
export interface Beginning {
  /** The host leaf of an MMIO page; not mapped where left out. */
  readonly mmioLeaf?: (page: bigint) => bigint;
  /** The IOMMU has a table of its own, in which nothing is mapped yet. */
  readonly hasIommuTable?: boolean;
}

/** The leaves that there are, with what each begins with: the host maps its RAM, a guest nothing. Seed 004, "Initially, all pages". */
function* leavesOf(
  { pages, mmio, vms, gpas }: Places,
  { mmioLeaf = () => NEVER_MAPPED, hasIommuTable = false }: Beginning,
): Generator<readonly [Table, bigint, bigint]> {
  for (const page of pages) yield ['host', page, hostLeaf(page, PageState.PKVM_PAGE_OWNED)];
  for (const page of mmio) yield ['host', page, mmioLeaf(page)];
  for (const { id } of vms) for (const gpa of gpas) yield [id, gpa, NEVER_MAPPED];
  if (hasIommuTable) for (const page of pages) yield ['iommu', page, NEVER_MAPPED];
}

/** Tables of 4-KByte leaves: one slot a leaf, below a page-directory entry that never changes. */
export function leafTables(places: Places, beginning: Beginning = {}): LeafTables {
  const keyOf = (table: Table, address: bigint): string => `${table} ${address}`;
  const slots = new Map<string, Slot<bigint>>();
  for (const [table, address, initial] of leavesOf(places, beginning)) {
    const name = `${nameOfTable(table)}[${addressHex(address)}]`;
    const isRam = places.pages.includes(address);
    const is: LeafIs = { kind: 'leaf', table, address, isRam };
    slots.set(keyOf(table, address), {
      name,
      initial,
      show: showIn(table),
      is,
    });
  }
  const leaf: TableWords['leaf'] = (read, table, address) => {
    const slot = slots.get(keyOf(table, address));
    return slot === undefined ? NEVER_MAPPED : read(slot);
  };
  const lists = new WeakMap<readonly LeafPlace[], readonly Slot<bigint>[]>();
  const slotsOf = (leaves: readonly LeafPlace[]): readonly Slot<bigint>[] => {
    const known =
      lists.get(leaves) ??
      leaves.map(({ table, address }) => {
        const slot = slots.get(keyOf(table, address));
        if (slot === undefined)
          throw new RangeError(`${nameOfTable(table)} has no leaf of ${addressHex(address)}`);
        return slot;
      });
    lists.set(leaves, known);
    return known;
  };
  return {
    slots: [...slots.values()],
    leaf,
    collect: (read, leaves, lens) => collect(read, slotsOf(leaves), lens),
    some: (read, leaves, lens) => some(read, slotsOf(leaves), lens),
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

/** The leaves of host and guests as the sentences about ownership are told over them. */
export function ownershipSlots({ pages, mmio, vms, gpas }: Places, tables: LeafTables): OwnershipSlots {
  const slotOf = (table: Table, address: bigint): Slot<bigint> => {
    const slot = tables.slot(table, address);
    if (slot === undefined)
      throw new RangeError(`${nameOfTable(table)} has no leaf of ${addressHex(address)}`);
    return slot;
  };
  const host = (isRam: boolean) => (page: bigint) => ({ page, isRam, slot: slotOf('host', page) });
  return {
    vms,
    host: [...pages.map(host(true)), ...mmio.map(host(false))],
    guest: vms.flatMap(({ id: vm }) => gpas.map(gpa => ({ vm, gpa, slot: slotOf(vm, gpa) }))),
  };
}
