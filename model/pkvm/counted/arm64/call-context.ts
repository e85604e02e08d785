import type { Arm64Columns } from './columns.ts';
import type { Arm64Machine } from './machine.ts';

/** The arguments of a call: page and frame numbers, as the functions take them. */
export interface Arm64Arguments {
  readonly pfn?: bigint | undefined;
  readonly gfn?: bigint | undefined;
  /** Pages. */
  readonly nr?: bigint | undefined;
  /** `KvmProt`. */
  readonly prot?: bigint | undefined;
  /** A physical address, of force reclaim alone. */
  readonly phys?: bigint | undefined;
  readonly vm?: number | undefined;
  readonly mkold?: boolean | undefined;
  /** How many pages the memcache shall hold, and the list of the host that it is filled from. */
  readonly min?: number | undefined;
  readonly pfns?: readonly bigint[] | undefined;
}

/** A call as its checks and steps see it. */
export interface Arm64Call {
  readonly machine: Arm64Machine;
  readonly columns: Arm64Columns;
  readonly pfn: bigint;
  readonly nr: bigint;
  readonly gfn: bigint;
  readonly prot: bigint;
  readonly vm: number;
  readonly mkold: boolean;
  readonly min: number;
  readonly pfns: readonly bigint[];
  /** `pfn` as an address: taken modulo 2^64, so that 2^52 + p is p. facts/arm64-record.md 3, "common". */
  readonly phys: bigint;
  /** `gfn` as an address, in the same way. */
  readonly ipa: bigint;
}

/** What a call acts on in one go: physical pages, or the leaf of a guest that maps them. */
export interface Arm64Unit {
  readonly phys: bigint;
  readonly ipa: bigint;
  /** Bytes. */
  readonly size: bigint;
}

const PAGE = 0x1000n;
const address = (frame: bigint): bigint => BigInt.asUintN(64, frame * PAGE);

export const arm64CallOf = (
  machine: Arm64Machine,
  columns: Arm64Columns,
  args: Arm64Arguments,
): Arm64Call => {
  const { pfn = 0n, gfn = 0n, nr = 1n, prot = 0n, phys, vm = 0, mkold = false, min = 0, pfns = [] } = args;
  const at = phys === undefined ? address(pfn) : phys - (phys % PAGE);
  return { machine, columns, pfn, nr, gfn, prot, vm, mkold, min, pfns, phys: at, ipa: address(gfn) };
};

export const wholeCall = ({ phys, ipa, nr }: Arm64Call): Arm64Unit => ({ phys, ipa, size: nr * PAGE });
