import { addressHex } from '../bits/index.ts';
import type { GuestAccess } from './access.ts';
import type { Cell } from './cell.ts';
import { KVM_EXIT_UNKNOWN } from './spp-numbers.ts';

/**
 * What a vCPU is doing. Between a VM exit and KVM's handling of it, and between the handling and the retry, other
 * vCPUs and ioctls may do anything.
 */
export type VcpuPhase =
  | 'in guest'
  | 'EPT violation'
  | 'SPP miss'
  | 'SPP misconfiguration'
  | 'retry'
  | 'in user space'
  /** KVM has moved RIP past the denied write: there is nothing left to retry. */
  | 'in user space, RIP moved'
  /** Inside a fault that KVM handles in two locked writes; it still holds `mmu_lock`. Only with a fault. */
  | 'marking';

export interface VcpuCells {
  readonly index: number;
  readonly name: string;
  readonly exists: Cell<boolean>;
  /** Secondary processor-based control 23. */
  readonly sppControl: Cell<boolean>;
  /** The SPPTP in the vCPU's VMCS. */
  readonly spptp: Cell<bigint>;
  /** A pending request to load SPPTP and the control, which the vCPU serves before it runs guest code again. */
  readonly loadRequest: Cell<boolean>;
  readonly phase: Cell<VcpuPhase>;
  /** The instruction that RIP points at, by the name of its access: `none` where any may come next. */
  readonly access: Cell<string>;
  /** `kvm_run.exit_reason`. */
  readonly exitReason: Cell<number>;
  /** `kvm_run.spp.addr`. */
  readonly sppAddress: Cell<bigint>;
  /** By access: whether the processor holds a translation that grants it. */
  readonly cachedGrants: ReadonlyMap<string, Cell<boolean>>;
}

/** The cells of vCPU `index`. */
export function vcpuCells(
  index: number,
  {
    accesses,
    vcpusExist,
    cachesTranslations,
  }: {
    readonly accesses: readonly GuestAccess[];
    readonly vcpusExist: boolean;
    readonly cachesTranslations: boolean;
  },
): VcpuCells {
  const name = `vCPU ${index}`;
  const cached = cachesTranslations ? accesses.filter(({ writes }) => writes) : [];
  return {
    index,
    name,
    exists: { name: `${name} exists`, initial: vcpusExist },
    sppControl: { name: `${name} SPP control`, initial: false },
    spptp: { name: `${name} SPPTP`, initial: 0n, show: addressHex },
    loadRequest: { name: `${name} load request`, initial: false },
    phase: { name, initial: 'in guest' },
    access: { name: `${name} instruction`, initial: 'none' },
    exitReason: { name: `${name} kvm_run.exit_reason`, initial: KVM_EXIT_UNKNOWN },
    sppAddress: { name: `${name} kvm_run.spp.addr`, initial: 0n, show: addressHex },
    cachedGrants: new Map(
      cached.map(access => [
        access.name,
        { name: `${name} caches a grant of ${access.name}`, initial: false },
      ]),
    ),
  };
}
