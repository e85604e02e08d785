import type { State, View } from './cell.ts';
import type { Revision } from './revision.ts';
import type { copySubpageArgument } from './subpage-argument.ts';
import type { MemslotCells, Vm } from './vm.ts';
import type { GuestAccess } from './access.ts';
import type { VcpuCells } from './vcpu.ts';

/** How KVM behaves: a revision's columns, with the readings that no revision has but the guarantees need. */
export interface KvmRevision extends Omit<Revision, 'name' | 'emulation'> {
  readonly name: string;
  /** What the instruction emulator checks. `each sub-page`: what the hardware would. */
  readonly emulation: Revision['emulation'] | 'each sub-page';
}

/** A range of guest frames. */
export interface FrameRange {
  readonly gfn: bigint;
  readonly npages: number;
}

/** What SET was asked for. */
export interface SetRequest extends FrameRange {
  readonly accessMap: readonly number[];
}

/** One locked section of an ioctl. */
export interface Section<Request> {
  readonly name: string;
  /** Whether `mmu_lock` stays held until the next section. */
  readonly keepsLock: boolean;
  /** Returns what the ioctl returns if this is the last section or a failure. */
  run(kvm: Kvm, state: State, request: Request): number;
}

export interface SetSection extends Section<SetRequest> {
  /** Whether it makes the L2Es of the range invalid; whether it gives the frames their new vectors. */
  readonly flushesSppt: boolean;
  readonly setsVectors: boolean;
}

/** How KVM left a VM exit. */
export type Handling =
  /** Back into the guest, to the same instruction. */
  | { readonly kind: 'retry'; readonly did: string }
  /** `kvm_run` goes to user space. */
  | {
      readonly kind: 'user';
      readonly exitReason: number;
      readonly sppAddress?: bigint;
      readonly ripMoved?: boolean;
    }
  /** KVM_RUN itself fails with an errno. */
  | { readonly kind: 'fails'; readonly result: number }
  /** More to do before `mmu_lock` is released. */
  | { readonly kind: 'marking'; readonly did: string };

/** What a handler needs to know of the exit. */
export interface FaultingVcpu {
  readonly vcpu: VcpuCells;
  readonly access: GuestAccess;
}

/**
 * The decisions of KVM's code, one function each. `correct-steps.ts` has them as they should be; a fault replaces
 * single ones. All act on the words and cells of the VM and decide by nothing else.
 */
export interface Steps {
  /** KVM_INIT_SPP, or KVM_ENABLE_CAP(KVM_CAP_X86_SPP). Returns 0 or an errno. */
  enable(kvm: Kvm, state: State, conditions: EnableConditions): number;
  /** `copy_from_user` of GET's and SET's argument, and the checks of its fields. */
  copyArgument: typeof copySubpageArgument;
  /** Checks a SET before it changes anything. Returns an errno, or `undefined`. */
  checkSet(kvm: Kvm, view: View, request: SetRequest): number | undefined;
  /** SET's sections under `mmu_lock`, in order. */
  readonly setSections: readonly SetSection[];
  /** The sections under `mmu_lock` in which dirty logging of a memslot starts. */
  readonly loggingSections: readonly Section<MemslotCells>[];
  /** The 2-MByte regions whose L2E a SET invalidates. */
  regionsToFlush(range: FrameRange): readonly bigint[];
  /** Writes the vectors of a SET. Returns an errno, or `undefined`. */
  writeVectors(kvm: Kvm, state: State, request: SetRequest): number | undefined;
  /** Makes the mappings of a range obey the vectors that were just set. */
  updateMappings(kvm: Kvm, state: State, range: FrameRange): void;
  /** A write or read fault on a mapped page, handled without `mmu_lock`. `undefined`: not one of its cases. */
  fastPageFault(kvm: Kvm, state: State, fault: FaultingVcpu): Handling | undefined;
  /** Whether an EPT violation on a leaf with bit 61 is a denial of this write. */
  isDenied(kvm: Kvm, view: View, fault: FaultingVcpu): boolean;
  /** The largest page that may map a frame now. */
  mappingLevel(kvm: Kvm, view: View, gfn: bigint): '4K' | '2M';
  /** Installs the translation of a frame, under `mmu_lock`. */
  installLeaf(kvm: Kvm, state: State, install: Install): Handling;
  /** The second half of an installation that `installLeaf` left unfinished. */
  finishInstall(kvm: Kvm, state: State, gfn: bigint): Handling;
  /** EXIT_REASON_SPP with the miss bit, under `mmu_lock`. */
  handleMiss(kvm: Kvm, state: State, fault: FaultingVcpu): Handling;
  /** What KVM's page-fault path makes of an outcome before it goes back to the guest. */
  afterFault(kvm: Kvm, view: View, fault: FaultingVcpu, handling: Handling): Handling;
  /** `kvm_run` when KVM_RUN enters the guest again. */
  enterRun(kvm: Kvm, state: State, vcpu: VcpuCells): void;
  /** A guest write that KVM carries out itself. Returns what a person would say happened. */
  emulateWrite(kvm: Kvm, state: State, fault: FaultingVcpu): string;
  /** The sub-page check of it: the address to report where the write is denied. */
  emulatedWriteDenied(kvm: Kvm, view: View, access: GuestAccess): bigint | undefined;
  /** A leaf made to fault on the next write, so that the write is logged. */
  writeProtected(kvm: Kvm, spte: bigint): bigint;
  /** Frees the EPT roots of a vCPU, and the SPPT root with them. */
  freeRoots(kvm: Kvm, state: State, vcpu: VcpuCells): void;
  /** What remains of a memslot's vectors and of SPP when the memslot is deleted. */
  forgetMemslot(kvm: Kvm, state: State, slot: MemslotCells): void;
  /** A vCPU of another VM on the same host is created. */
  createOtherVcpu(kvm: Kvm, state: State): void;
  /** After changing words that a processor may have cached a grant from. */
  flushRemoteTlbs(kvm: Kvm, state: State): void;
  /** The SPPT L1E that enforces a vector. */
  spread(vector: number): bigint;
}

/** Everything in which one KVM may differ from another: the columns of its revision, and its decisions. */
export interface KvmDecisions extends Steps {
  readonly revision: KvmRevision;
}

/** Why a frame is installed. */
export interface Install {
  readonly gfn: bigint;
  /** `prefetch`: a neighbour's fault, or the host, maps it without any access. */
  readonly cause: 'write' | 'read' | 'prefetch';
}

/** What INIT meets outside the VM. */
export interface EnableConditions {
  readonly hardware: boolean;
  readonly nested: boolean;
  readonly memoryAvailable: boolean;
}

/** One VM under one KVM. */
export interface Kvm {
  readonly vm: Vm;
  readonly revision: KvmRevision;
  readonly steps: Steps;
}
