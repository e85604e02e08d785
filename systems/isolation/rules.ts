import { type PkvmRules, specified as pkvmSpecified, type Vm } from '../../model/pkvm/index.ts';

/** Who makes a call and from where: what decides which caches a flush reaches. */
export interface Caller {
  readonly cpu: number;
  readonly operation: string;
}

/** Where a VM is in its life. The machine `vm-lifecycle` says how it gets from one to the next. */
export type VmState = 'absent' | 'created' | 'started' | 'dying';

/** A leaf whose cached translations a write has made stale. */
export interface StaleLeaf {
  readonly table: 'host' | number;
  /** Whether another leaf of the same table is mapped, so that unmapping this one frees no table page. */
  hasSibling(): boolean;
}

/** Every decision of an entry point, beyond those of the operations: flushing, wiping, pins, the life of a VM. */
export interface IsolationRules extends PkvmRules {
  /** Whether the TLBs lose a translation that went stale. facts/pkvm.md 4, I8. */
  flushesTlbs(stale: StaleLeaf): boolean;
  /** The CPUs that a flush interrupts. */
  flushedCpus(caller: Caller, cpus: readonly number[]): readonly number[];
  /** Whether the IOTLB goes with the TLBs where the host's table changed. */
  flushesIotlb(caller: Caller): boolean;
  /** The pages that are wiped, of those that the operation says must be. facts/pkvm.md 4, I9. */
  wiped(pages: readonly bigint[], caller: Caller): readonly bigint[];

  /** Whether a page that is mapped for DMA stays where it is. */
  pinHolds(against: 'donation' | 'unshare'): boolean;
  /** Whether the host may map a page for DMA. */
  mayUseForDma(isHostMapped: boolean): boolean;
  /** Whether unmapping for DMA takes the mapping, not the pin alone, and flushes the IOTLB. */
  readonly unmapsUnused: boolean;
  readonly flushesUnused: boolean;

  /** Whether a VM in this state may be run. facts/pkvm.md 4, I17. */
  mayRun(state: VmState): boolean;
  mayPrepopulate(state: VmState): boolean;
  /** What pre-population left in TLBs and IOTLB is flushed before the first run. */
  readonly flushesPrepopulated: boolean;
  readonly flushesPrepopulatedIotlb: boolean;
  mayTearDown(isRunning: () => boolean): boolean;
  mayFinish(kind: Vm['kind'], hasPages: () => boolean): boolean;
  readonly returnsStructures: boolean;
  readonly wipesStructures: boolean;
}

/** The rules of the specification. */
export const specified: IsolationRules = {
  ...pkvmSpecified,
  flushesTlbs: () => true,
  flushedCpus: (_, cpus) => cpus,
  flushesIotlb: () => true,
  wiped: pages => pages,
  pinHolds: () => true,
  mayUseForDma: isHostMapped => isHostMapped,
  unmapsUnused: true,
  flushesUnused: true,
  mayRun: state => state === 'created' || state === 'started',
  mayPrepopulate: state => state === 'created',
  flushesPrepopulated: true,
  flushesPrepopulatedIotlb: true,
  mayTearDown: isRunning => !isRunning(),
  mayFinish: (_, hasPages) => !hasPages(),
  returnsStructures: true,
  wipesStructures: true,
};
