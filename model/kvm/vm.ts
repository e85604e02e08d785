import { addressHex } from '../bits/index.ts';
import { EptMemoryType, Eptp } from '../ept/index.ts';
import type { GuestAccess } from './access.ts';
import type { Cell } from './cell.ts';
import { eptTables } from './host-memory.ts';
import { vectorText } from './text.ts';
import { type VcpuCells, vcpuCells } from './vcpu.ts';
import { FULL_VECTOR } from './vector.ts';
import { makeWords, type Words } from './words.ts';

/** `noinfo`: the memslot came after SPP was enabled and has no array of vectors, so it can have no protection. */
export type MemslotState = 'none' | 'noinfo' | 'info';

export interface VmShape {
  /** The guest frames that exist in the model, ascending, all in the first GByte. */
  readonly gfns: readonly bigint[];
  /** The frames of each memslot. Every frame lies in exactly one. */
  readonly memslots: readonly (readonly bigint[])[];
  readonly vcpus: number;
  readonly accesses: readonly GuestAccess[];
  /** Whether the host backs the memory with 2-MByte pages. */
  readonly largeBacking: boolean;
  /** Whether vCPUs cache write grants until a flush. */
  readonly cachesTranslations: boolean;
  /** Whether the vCPUs exist from the start, or are created later. */
  readonly vcpusExist: boolean;
}

export interface MemslotCells {
  readonly name: string;
  readonly gfns: readonly bigint[];
  readonly state: Cell<MemslotState>;
  /** KVM_MEM_LOG_DIRTY_PAGES. */
  readonly logging: Cell<boolean>;
}

export interface FrameCells {
  /** The vector that user space set, in the memslot's array. */
  readonly vector: Cell<number>;
  /** The frame's bit in the memslot's dirty bitmap. */
  readonly dirty: Cell<boolean>;
  /** The truth that the bitmap is about: the guest has written the frame since user space last read the log. */
  readonly written: Cell<boolean>;
}

/** What this host's other VM could notice. It never enables SPP. */
export interface OtherVmCells {
  /** A flag of the kernel module, for all VMs of the host. */
  readonly moduleFlag: Cell<boolean>;
  readonly vcpuExists: Cell<boolean>;
  readonly sppControl: Cell<boolean>;
}

/** A VM's state by name, and its page-table words by physical address. */
export interface Vm {
  readonly shape: VmShape;
  readonly eptp: bigint;
  readonly words: Words;
  readonly memslots: readonly MemslotCells[];
  readonly vcpus: readonly VcpuCells[];
  /** `kvm->arch.spp_active`. */
  readonly active: Cell<boolean>;
  /** `kvm->arch.sppt_root`: 0 where there is none. */
  readonly spptRoot: Cell<bigint>;
  /** Who holds `kvm->mmu_lock` from one step to the next. */
  readonly mmuLock: Cell<string>;
  /** The ioctl in flight, between two of its locked sections; it holds `kvm->slots_lock`. */
  readonly ioctl: Cell<string>;
  readonly other: OtherVmCells;
  frame(gfn: bigint): FrameCells;
  memslotOf(gfn: bigint): MemslotCells | undefined;
  accessNamed(name: string): GuestAccess;
}

const frameCells = (gfn: bigint): FrameCells => ({
  vector: { name: `vector of gfn ${addressHex(gfn)}`, initial: FULL_VECTOR, show: vectorText },
  dirty: { name: `gfn ${addressHex(gfn)} in the dirty log`, initial: false },
  written: { name: `gfn ${addressHex(gfn)} written since the log was read`, initial: false },
});

/** A VM before SPP is enabled, with its memslots there and nothing mapped. */
export function makeVm(shape: VmShape): Vm {
  const frames = new Map(shape.gfns.map(gfn => [gfn, frameCells(gfn)]));
  const accesses = new Map(shape.accesses.map(access => [access.name, access]));
  const memslots = shape.memslots.map((gfns, k): MemslotCells => ({
    name: `memslot ${k}`,
    gfns,
    state: { name: `memslot ${k}`, initial: 'noinfo' },
    logging: { name: `dirty logging of memslot ${k}`, initial: false },
  }));
  return {
    shape,
    eptp: Eptp.encode({ memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, table: eptTables.pml4 }),
    words: makeWords(shape.gfns),
    memslots,
    vcpus: Array.from({ length: shape.vcpus }, (_, v) => vcpuCells(v, shape)),
    active: { name: 'spp_active', initial: false },
    spptRoot: { name: 'SPPT root', initial: 0n, show: addressHex },
    mmuLock: { name: 'mmu_lock', initial: 'free' },
    ioctl: { name: 'ioctl in flight', initial: 'none' },
    other: {
      moduleFlag: { name: 'enable_spp of the module', initial: false },
      vcpuExists: { name: 'vCPU of VM B exists', initial: false },
      sppControl: { name: 'vCPU of VM B SPP control', initial: false },
    },
    frame: gfn => known(frames.get(gfn), `gfn ${addressHex(gfn)}`),
    memslotOf: gfn => memslots.find(slot => slot.gfns.includes(gfn)),
    accessNamed: name => known(accesses.get(name), `access ${name}`),
  };
}

function known<V>(value: V | undefined, what: string): V {
  if (value === undefined) throw new RangeError(`this VM has no ${what}`);
  return value;
}
