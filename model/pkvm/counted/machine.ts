import type { LeafTable } from './leaf-table.ts';

/** A stretch of physical addresses, `[start, end)`. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** A virtual machine, as far as the operations ask. */
export interface CountedVm {
  readonly id: number;
  readonly isProtected: boolean;
  /** A protected VM is finalized when its firmware is known. facts/pkvm-2026.md 1.3, "VM finalized". */
  readonly isFinalized: boolean;
  /** Where the firmware of a protected VM is loaded, in guest-physical addresses; absent without firmware. */
  readonly firmware?: AddressRange;
  /** Something still uses it, so that it cannot be torn down. */
  readonly isInUse: boolean;
}

/**
 * What an operation sees of the machine and changes in it: the records of RAM pages, the tables of the host and of
 * every guest, the VMs, and the memory that tables are made of.
 */
export interface CountedMachine {
  /** The memblocks: each a range of RAM. */
  readonly memblocks: readonly AddressRange[];
  /** The record of a RAM page, `PkvmPage`. */
  record(page: bigint): bigint;
  setRecord(page: bigint, word: bigint): void;
  readonly host: LeafTable;
  /** The table of a VM that exists. */
  guest(vm: number): LeafTable;
  /** `undefined` where there is no such VM. */
  vm(id: number): CountedVm | undefined;
  /** Pages in the memcache of the vCPU that calls. */
  memcache(vm: number): number;
  /** The VM is final: pages may be donated to it. */
  finalize(vm: number): void;
  /** Frees the tables of a VM whose pages have all been reclaimed. */
  freeTables(vm: number): void;
}
