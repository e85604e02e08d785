import type { AddressRange } from '../machine.ts';
import type { Arm64Table } from './table.ts';

/** A VM, as far as the operations ask. */
export interface Arm64Vm {
  readonly id: number;
  readonly isProtected: boolean;
  /** What annotations name it by, from 0x1000 on. */
  readonly handle: number;
  /** Its teardown has begun. */
  readonly isDying: boolean;
}

/** What an operation sees of an arm64 machine and changes in it. */
export interface Arm64Machine {
  /** RAM, as memblocks in ascending order. */
  readonly memblocks: readonly AddressRange[];
  /** How many bits a physical address may have: `pfn_range_is_valid`. */
  readonly physicalBits: number;
  /** Whether the processor can grant execution at one exception level alone. */
  readonly hasXnx: boolean;
  /** The record of a RAM page, `struct hyp_page`. */
  record(page: bigint): bigint;
  setRecord(page: bigint, word: bigint): void;
  readonly host: Arm64Table;
  /** The table of a VM that exists. */
  guest(vm: number): Arm64Table;
  vm(id: number): Arm64Vm | undefined;
  /** The VM that annotations name by this handle. */
  vmOfHandle(handle: number): Arm64Vm | undefined;
  /** Whether the hypervisor maps the page in its own stage 1. */
  isMappedAtEl2(page: bigint): boolean;
  setMappedAtEl2(page: bigint, isMapped: boolean): void;
  /** Pages in the memcache of the VM's vCPU. */
  memcache(vm: number): number;
  addToMemcache(vm: number): void;
}
