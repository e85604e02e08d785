import { createJournal, type Journal } from '../journal.ts';
import type { AddressRange } from '../machine.ts';
import type { Arm64Machine, Arm64Vm } from './machine.ts';
import { type Arm64Supply, Stage2Radix } from './table.ts';

/** What an arm64 machine is made of. */
export interface Arm64WorldOptions {
  readonly memblocks: readonly AddressRange[];
  readonly physicalBits: number;
  /** How many bits the addresses of guests have. */
  readonly ipaBits: number;
  readonly hasXnx: boolean;
  readonly vms: readonly Arm64Vm[];
}

/** Pages that tables of a VM are made of, and how many its tables take. */
export interface Arm64TableMemory {
  readonly memcache: number;
  readonly pool: number;
  /** The root included. */
  readonly tables: number;
}

/** A whole machine: what the operations see, and what a person or a recording may set. */
export interface Arm64World extends Arm64Machine {
  readonly journal: Journal;
  readonly host: Stage2Radix;
  guest(vm: number): Stage2Radix;
  tableMemory(vm: number): Arm64TableMemory;
  setTableMemory(vm: number, memory: Arm64TableMemory): void;
  setVm(vm: Arm64Vm): void;
  /** Adds a VM that has nothing yet. */
  addVm(vm: Arm64Vm): void;
}

interface VmState {
  vm: Arm64Vm;
  readonly table: Stage2Radix;
  memory: Arm64TableMemory;
}

const boundless: Arm64Supply = { take: () => true, give: () => undefined };

/** A machine whose RAM is the host's, mapped lazily, with VMs that have nothing yet. */
export function createArm64World(options: Arm64WorldOptions): Arm64World {
  const { memblocks, physicalBits, ipaBits, hasXnx } = options;
  const journal = createJournal();
  const records = new Map<bigint, bigint>();
  const atEl2 = new Set<bigint>();
  const vms = new Map<number, VmState>();
  const host = new Stage2Radix(1n << BigInt(physicalBits), boundless, journal);

  const stateOf = (vm: number): VmState => {
    const state = vms.get(vm);
    if (state === undefined) throw new RangeError(`there is no VM ${vm}`);
    return state;
  };
  const change = (vm: number, changed: Partial<Pick<VmState, 'vm' | 'memory'>>): void => {
    const state = stateOf(vm);
    const { vm: vmBefore, memory } = state;
    Object.assign(state, changed);
    journal.note(() => {
      Object.assign(state, { vm: vmBefore, memory });
    });
  };
  const supplyOf = (vm: number): Arm64Supply => ({
    take: () => {
      const { memcache, pool, tables } = stateOf(vm).memory;
      if (pool + memcache === 0) return false;
      const taken = pool > 0 ? { pool: pool - 1, memcache } : { pool, memcache: memcache - 1 };
      change(vm, { memory: { ...taken, tables: tables + 1 } });
      return true;
    },
    give: count => {
      const { memcache, pool, tables } = stateOf(vm).memory;
      change(vm, { memory: { memcache, pool: pool + count, tables: tables - count } });
    },
  });
  const addVm = (vm: Arm64Vm): void => {
    const table = new Stage2Radix(1n << BigInt(ipaBits), supplyOf(vm.id), journal);
    vms.set(vm.id, { vm, table, memory: { memcache: 0, pool: 0, tables: 1 } });
  };
  for (const vm of options.vms) addVm(vm);
  journal.forget();

  return {
    memblocks,
    physicalBits,
    hasXnx,
    journal,
    host,
    record: page => records.get(page) ?? 0n,
    setRecord: (page, word) => {
      const before = records.get(page) ?? 0n;
      records.set(page, word);
      journal.note(() => {
        records.set(page, before);
      });
    },
    guest: vm => stateOf(vm).table,
    vm: id => vms.get(id)?.vm,
    vmOfHandle: handle => [...vms.values()].find(({ vm }) => vm.handle === handle)?.vm,
    isMappedAtEl2: page => atEl2.has(page),
    setMappedAtEl2: (page, isMapped) => {
      const was = atEl2.has(page);
      const put = (value: boolean): void => {
        if (value) atEl2.add(page);
        else atEl2.delete(page);
      };
      put(isMapped);
      journal.note(() => {
        put(was);
      });
    },
    memcache: vm => stateOf(vm).memory.memcache,
    addToMemcache: vm => {
      const { memory } = stateOf(vm);
      change(vm, { memory: { ...memory, memcache: memory.memcache + 1 } });
    },
    tableMemory: vm => stateOf(vm).memory,
    setTableMemory: (vm, memory) => {
      change(vm, { memory });
    },
    setVm: vm => {
      change(vm.id, { vm });
    },
    addVm,
  };
}
