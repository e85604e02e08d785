import type { Word } from '../bits/index.ts';

export const PAGE_SIZE = 4096n;

/** A range of physical addresses, `[start, end)`. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * A guest. Donation needs a protected VM, sharing a normal one; `unspecified` passes for either, for observers who
 * do not know the kind.
 */
export interface Vm {
  /** Its owner id, 2 to 0xfffff. */
  readonly id: number;
  readonly kind: 'protected' | 'normal' | 'unspecified';
}

/**
 * What an operation sees of the machine: the leaf word of a page in the host EPT, the leaf word of a gpa in a guest's
 * table (`NEVER_MAPPED` where there is none), and what is RAM.
 */
export interface PkvmTables<W extends Word = bigint> {
  host(hpa: bigint): W;
  guest(vm: number, gpa: bigint): W;
  readonly ram: readonly AddressRange[];
  readonly vms: readonly Vm[];
  /** Whether a table page that a mapping needs can be had. */
  readonly tablePages: 'available' | 'exhausted';
}

/** The first page of `[start, end)`, both multiples of a page, that does not lie in RAM as a whole. */
export function firstOutsideRam(
  ram: readonly AddressRange[],
  start: bigint,
  end: bigint,
): bigint | undefined {
  let page = start;
  while (page < end) {
    const range = ram.find(candidate => page >= candidate.start && page + PAGE_SIZE <= candidate.end);
    if (range === undefined) return page;
    page = range.end - (range.end % PAGE_SIZE);
  }
  return undefined;
}
