import {
  type CountedMachine,
  type CountedVm,
  hostOwned,
  type LeafTable,
} from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import { SlotTable } from './slot-table.ts';
import { boundless, empty, type TableSupply } from './supply.ts';
import type { CallWords } from './words.ts';
import type { CountedSlots, CountedVmSlots, PageCell } from './world.ts';

/** More than any call asks for. facts/pkvm-2026.md 1.2, R8: 9 pages for 1..512 pages. */
const FULL_MEMCACHE = 24;

/** The page cell of an address; `undefined` for what is no RAM of this system. */
export const pageCellAt = ({ pages }: CountedSlots, address: bigint): PageCell | undefined =>
  pages.find(cell => address >= cell.start && address < cell.start + cell.pages * PAGE_SIZE);

function vmView({ id, isProtected, finalized, running }: CountedVmSlots, words: CallWords, runs: boolean) {
  return {
    id,
    isProtected,
    get isFinalized() {
      return !isProtected || words.get(finalized);
    },
    get isInUse() {
      return runs && words.get(running);
    },
  } satisfies CountedVm;
}

/** The machine that a call works on, made of slots. `hasTablePages`: whether pages for a guest's tables can be had. */
export function slotMachine(world: CountedSlots, words: CallWords, hasTablePages: boolean): CountedMachine {
  const { pages, mmio, vms, size } = world;
  const host = new SlotTable(
    words,
    [...pages, ...mmio].map(({ start, pages: count, host: leaf }) => ({ start, pages: count, leaf })),
    boundless,
  );
  const supply: TableSupply = hasTablePages ? boundless : empty();
  const byId = new Map(vms.map(vm => [vm.id, vm]));
  const vmOf = (id: number): CountedVmSlots => {
    const found = byId.get(id);
    if (found === undefined) throw new RangeError(`there is no VM ${id}`);
    return found;
  };
  const tables = new Map<number, SlotTable>();
  const guest = (id: number): SlotTable => {
    const { cells, block } = vmOf(id);
    const table = tables.get(id) ?? new SlotTable(words, cells, supply, block);
    tables.set(id, table);
    return table;
  };
  const [first] = pages;
  const last = pages.at(-1);
  const ram = { start: first?.start ?? 0n, end: (last?.start ?? 0n) + (last?.pages ?? 0n) * PAGE_SIZE };
  return {
    memblocks: [ram],
    record: page => {
      const cell = pageCellAt(world, page);
      return cell === undefined ? hostOwned : words.getAt(cell, cell.record, page);
    },
    setRecord: (page, word) => {
      const cell = pageCellAt(world, page);
      if (cell !== undefined) words.setAt(cell, cell.record, page, word);
    },
    host,
    guest: (id): LeafTable => guest(id),
    vm: id => {
      const found = byId.get(id);
      return found === undefined ? undefined : vmView(found, words, size.running);
    },
    memcache: () => (hasTablePages ? FULL_MEMCACHE : 0),
    finalize: id => {
      words.set(vmOf(id).finalized, true);
    },
    freeTables: id => {
      guest(id).clear();
    },
  };
}
