import { createJournal, type Journal } from './journal.ts';
import type { TablePages } from './leaf-table.ts';
import {
  annotationOf,
  hostProt,
  leafValue,
  type Level,
  mappingWord,
  protOf,
  withState,
} from './leaf-word.ts';
import type { AddressRange, CountedMachine, CountedVm } from './machine.ts';
import { hostOwned, reservedAtBoot } from './page-record.ts';
import { CountedOwner, CountedState } from './page-state.ts';
import { type Geometry, RadixTable, type Supply } from './radix-table.ts';
import { isMemory, pagesOf } from './ranges.ts';

/** What a machine is made of. */
export interface WorldOptions {
  /** RAM, as memblocks in ascending order. */
  readonly memblocks: readonly AddressRange[];
  /** RAM that pKVM keeps for itself at boot. */
  readonly reserved: readonly AddressRange[];
  /** Levels at which a leaf may map, 1 always among them. */
  readonly leafLevels: readonly Level[];
  readonly levels?: Geometry['levels'];
  readonly vms: readonly (Pick<CountedVm, 'id' | 'isProtected'> & Partial<CountedVm>)[];
}

/** Pages that tables of a VM are made of. */
export interface TableMemory {
  readonly memcache: number;
  readonly pool: number;
}

/** A whole machine: what the operations see, and what a person or a recording may set. */
export interface CountedWorld extends CountedMachine {
  readonly journal: Journal;
  readonly host: RadixTable;
  guest(vm: number): RadixTable;
  tableMemory(vm: number): TableMemory;
  setTableMemory(vm: number, memory: TableMemory): void;
  /** Adds a VM that has nothing yet. */
  addVm(vm: WorldOptions['vms'][number]): void;
}

interface VmState {
  vm: CountedVm;
  table: RadixTable;
  memory: TableMemory;
}

const boundless: Supply = { take: () => true, give: () => undefined };
const isInside = (ranges: readonly AddressRange[], page: bigint): boolean =>
  ranges.some(({ start, end }) => page >= start && page < end);

/**
 * The host's table as pKVM makes it at start: memblocks write-back, the holes between and below them uncacheable,
 * its own pages unmapped; then MMIO is marked OWNED and what is not mapped is said to be the hypervisor's.
 * facts/pkvm-2026.md 1.1 and 1.4 1.
 */
function bootHostTable(host: RadixTable, { memblocks, reserved }: WorldOptions): void {
  const map = (start: bigint, end: bigint, prot: bigint): void => {
    if (end > start) host.map({ start, size: end - start }, start, prot, 'pool');
  };
  for (const { start, end } of memblocks) map(start, end, hostProt.ram);
  let below = 0n;
  for (const { start, end } of memblocks) {
    map(below, start, withState(hostProt.mmio, CountedState.PKVM_PAGE_NONE));
    below = end;
  }
  for (const { start, end } of reserved) host.unmap({ start, size: end - start });
  for (const { start, word, level, phys } of [...host.leaves({ start: 0n, size: host.end })]) {
    const { isPresent } = leafValue(word);
    if (!isPresent) host.place(start, level, annotationOf(CountedOwner.PKVM_ID_HYP));
    else if (!isInside(memblocks, phys))
      host.place(
        start,
        level,
        mappingWord(phys, withState(protOf(word), CountedState.PKVM_PAGE_OWNED), level),
      );
  }
}

/** A machine just booted, with VMs that have nothing yet. Every change can be taken back: `journal`. */
export function createWorld(options: WorldOptions): CountedWorld {
  const { memblocks, reserved, leafLevels, levels = 4 } = options;
  const geometry: Geometry = { levels, leafLevels };
  const journal = createJournal();
  const records = new Map<bigint, bigint>();
  const vms = new Map<number, VmState>();
  const host = new RadixTable(geometry, boundless, journal);
  bootHostTable(host, options);

  const stateOf = (vm: number): VmState => {
    const state = vms.get(vm);
    if (state === undefined) throw new RangeError(`there is no VM ${vm}`);
    return state;
  };
  const change = (vm: number, changed: Partial<VmState>): void => {
    const state = stateOf(vm);
    const before = { ...state };
    Object.assign(state, changed);
    journal.note(() => {
      Object.assign(state, before);
    });
  };
  const supplyOf = (vm: number): Supply => ({
    take: (pages: TablePages) => {
      const { pool, memcache } = stateOf(vm).memory;
      if (pool > 0) change(vm, { memory: { pool: pool - 1, memcache } });
      else if (pages === 'pool or memcache' && memcache > 0)
        change(vm, { memory: { pool, memcache: memcache - 1 } });
      else return false;
      return true;
    },
    give: count => {
      const { pool, memcache } = stateOf(vm).memory;
      change(vm, { memory: { pool: pool + count, memcache } });
    },
  });
  const emptyTable = (vm: number): RadixTable => new RadixTable(geometry, supplyOf(vm), journal);
  const addVm = ({ id, isProtected, ...rest }: WorldOptions['vms'][number]): void => {
    const vm = { id, isProtected, isFinalized: !isProtected, isInUse: false, ...rest };
    vms.set(id, { vm, table: emptyTable(id), memory: { memcache: 0, pool: 0 } });
  };
  for (const vm of options.vms) addVm(vm);
  for (const { start, end } of reserved)
    for (const page of pagesOf(start, end - start)) records.set(page, reservedAtBoot);
  journal.forget();

  return {
    memblocks,
    journal,
    host,
    record: page => records.get(page) ?? hostOwned,
    setRecord: (page, word) => {
      if (!isMemory({ memblocks } as CountedMachine, page, 1n))
        throw new RangeError(`page 0x${page.toString(16)} is no RAM`);
      const before = records.get(page) ?? hostOwned;
      records.set(page, word);
      journal.note(() => {
        records.set(page, before);
      });
    },
    guest: vm => stateOf(vm).table,
    vm: id => vms.get(id)?.vm,
    memcache: vm => stateOf(vm).memory.memcache,
    finalize: vm => {
      change(vm, { vm: { ...stateOf(vm).vm, isFinalized: true } });
    },
    freeTables: vm => {
      change(vm, { table: emptyTable(vm), memory: { memcache: 0, pool: 0 } });
    },
    tableMemory: vm => stateOf(vm).memory,
    setTableMemory: (vm, memory) => {
      change(vm, { memory });
    },
    addVm,
  };
}
