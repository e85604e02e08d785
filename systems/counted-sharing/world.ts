import type { Slot, Value } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import {
  annotationOf,
  CountedOwner,
  hostOwned,
  hostProt,
  mappingWord,
  showCountedLeaf,
  showRecord,
} from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import type { CountedSize } from './size.ts';

/** The pages of a 2-MByte leaf. */
const BLOCK_PAGES = 512n;
export const BLOCK = BLOCK_PAGES * PAGE_SIZE;

/**
 * Pages of which every call says the same: one page, or of a 2-MByte leaf all but the first. Words are those of the
 * first page; the others' differ from it in the address alone.
 */
export interface Cell {
  readonly start: bigint;
  readonly pages: bigint;
}

/** RAM of the host, with what is remembered of it. */
export interface PageCell extends Cell {
  readonly record: Slot<bigint>;
  readonly host: Slot<bigint>;
  /** What the hypervisor was given by calls that were done: so many shares, or the page itself (`GIVEN`). */
  readonly held: Slot<number>;
  /** How many devices map it. */
  readonly devices: Slot<number>;
  /** Whose secrets lie in it, if anybody's. */
  readonly secret: Slot<Secret>;
  /** A translation that is cached although the table no longer has it; 0 where none is. */
  readonly stale: Slot<bigint>;
}
export type Secret = 'none' | 'guest' | 'hyp';
export const GIVEN = -1;

export interface GuestCell extends Cell {
  readonly vm: number;
  readonly leaf: Slot<bigint>;
  /** Whether the guest takes the page for shared with the host. */
  readonly believesShared: Slot<boolean>;
  readonly stale: Slot<bigint>;
}

/** The leaf of a 2-MByte region of a guest; 0 where there is none, or a table of smaller leaves. */
export interface GuestBlock {
  readonly start: bigint;
  readonly leaf: Slot<bigint>;
  readonly stale: Slot<bigint>;
}

export interface MmioPage extends Cell {
  readonly host: Slot<bigint>;
}

export interface CountedVmSlots {
  readonly id: number;
  readonly isProtected: boolean;
  /** In ascending order. */
  readonly cells: readonly GuestCell[];
  readonly block?: GuestBlock;
  readonly finalized: Slot<boolean>;
  readonly running: Slot<boolean>;
}

/** Every word of a system of this size. */
export interface CountedSlots {
  readonly size: CountedSize;
  /** In ascending order, one after the other: one memblock. */
  readonly pages: readonly PageCell[];
  readonly mmio: readonly MmioPage[];
  readonly vms: readonly CountedVmSlots[];
  /** The hypervisor has panicked. */
  readonly gone: Slot<boolean>;
  readonly slots: readonly Slot[];
}

const slot = <V extends Value>(name: string, initial: V, show?: (value: V) => string): Slot<V> => ({
  name,
  initial,
  ...(show === undefined ? {} : { show }),
});
const leafSlot = (name: string, initial: bigint): Slot<bigint> => slot(name, initial, showCountedLeaf);
const staleSlot = (name: string): Slot<bigint> =>
  slot(name, 0n, word => (word === 0n ? 'none' : showCountedLeaf(word)));

/** Where cells lie: single pages up to the start of a block, its first page, and what is left of it. */
function cellsOf(blockStart: bigint, count: number, block: boolean): readonly Cell[] {
  const singles = block ? count - 1 : count;
  const first = block ? blockStart - BigInt(singles) * PAGE_SIZE : blockStart;
  const single = (at: number): Cell => ({ start: first + BigInt(at) * PAGE_SIZE, pages: 1n });
  return [
    ...Array.from({ length: singles }, (_, at) => single(at)),
    ...(block
      ? [
          { start: blockStart, pages: 1n },
          { start: blockStart + PAGE_SIZE, pages: BLOCK_PAGES - 1n },
        ]
      : []),
  ];
}

const RAM = 0x40_0000n;
const GPA = 0x1_0000n;
const GPA_BLOCK = 0x40_0000n;
const MMIO = 0xfee0_0000n;

function pageCell(cell: Cell): PageCell {
  const at = `[${addressHex(cell.start)}]`;
  const held = (count: number): string => (count === GIVEN ? 'given' : `${count} shares`);
  return {
    ...cell,
    record: slot(`page${at}`, hostOwned, showRecord),
    host: leafSlot(`host${at}`, mappingWord(cell.start, hostProt.ram, 1)),
    held: slot(`held${at}`, 0, held),
    devices: slot(`devices${at}`, 0),
    secret: slot<Secret>(`secret${at}`, 'none'),
    stale: staleSlot(`stale.host${at}`),
  };
}

function guestCell(vm: number, cell: Cell): GuestCell {
  const at = `guest${vm}[${addressHex(cell.start)}]`;
  return {
    ...cell,
    vm,
    leaf: leafSlot(at, 0n),
    believesShared: slot(`shared.${at}`, false),
    stale: staleSlot(`stale.${at}`),
  };
}

function vmSlots(id: number, isProtected: boolean, { gpas, block }: CountedSize): CountedVmSlots {
  const cells = cellsOf(block ? GPA_BLOCK : GPA, gpas, block).map(cell => guestCell(id, cell));
  const at = `guest${id}[${addressHex(GPA_BLOCK)}, 2M]`;
  return {
    id,
    isProtected,
    cells,
    ...(block
      ? { block: { start: GPA_BLOCK, leaf: leafSlot(at, 0n), stale: staleSlot(`stale.${at}`) } }
      : {}),
    finalized: slot(`finalized.guest${id}`, !isProtected),
    running: slot(`running.guest${id}`, false),
  };
}

/** Lays out the words: all RAM is the host's, MMIO is kept until it is touched, VMs have nothing. */
export function countedSlots(size: CountedSize): CountedSlots {
  const { pages: count, mmio: mmioCount, protected: guarded, normal, block } = size;
  const pages = cellsOf(block ? RAM + BLOCK : RAM, count, block).map(pageCell);
  const mmio = Array.from({ length: mmioCount }, (_, at): MmioPage => {
    const start = MMIO + BigInt(at) * PAGE_SIZE;
    return {
      start,
      pages: 1n,
      host: leafSlot(`host[${addressHex(start)}]`, annotationOf(CountedOwner.PKVM_ID_HYP)),
    };
  });
  const vms = Array.from({ length: guarded + normal }, (_, at) => vmSlots(at + 1, at < guarded, size));
  const gone = slot('gone', false, value => (value ? 'the hypervisor has panicked' : 'no'));
  return { size, pages, mmio, vms, gone, slots: allSlots({ size, pages, mmio, vms, gone }) };
}

/** The slots that calls of this size can change, and those that show a mistake. */
function allSlots({ size, pages, mmio, vms, gone }: Omit<CountedSlots, 'slots'>): Slot[] {
  return [
    ...pages.flatMap(({ record, host, held, devices, secret, stale }): Slot[] => [
      record,
      host,
      held,
      ...(size.devices > 0 ? [devices] : []),
      secret,
      stale,
    ]),
    ...mmio.map(({ host }) => host),
    ...vms.flatMap(({ isProtected, cells, block, finalized, running }): Slot[] => [
      ...cells.flatMap(({ leaf, believesShared, stale }): Slot[] => [
        leaf,
        ...(isProtected ? [believesShared] : []),
        stale,
      ]),
      ...(block === undefined ? [] : [block.leaf, block.stale]),
      ...(isProtected ? [finalized] : []),
      ...(size.running ? [running] : []),
    ]),
    gone,
  ];
}
