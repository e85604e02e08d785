import {
  type AddressRange,
  firstOutsideRam,
  hostLeaf,
  NEVER_MAPPED,
  PAGE_SIZE,
  PageState,
  type Vm,
} from '../../model/pkvm/index.ts';
import { physicalLimit } from '../../model/memory/index.ts';

/** A table whose leaf words are followed: the host EPT, or the table of the guest with this owner id. */
export type Table = 'host' | number;

/**
 * A guest as somebody described it. `unspecified` is a guest of which the kind is not held against its calls; `unknown`
 * one that is protected or normal, and its calls will tell which.
 */
export interface Guest {
  readonly id: number;
  readonly kind: Vm['kind'] | 'unknown';
}

/** What is known of the machine before the first event. */
export interface Machine {
  /** `any`: nobody said what is RAM, so every page passes for it. */
  readonly ram: readonly AddressRange[] | 'any';
  /** What is the hypervisor's own from the start; absent where nobody said: then it is taken that nothing is. */
  readonly hypervisor?: readonly AddressRange[];
  /** `any`: nobody said which guests there are, so every id passes for one, of an unknown kind. */
  readonly vms: readonly Guest[] | 'any';
  /** `host owns all RAM`: the initial state of seed 004. `unknown`: the events begin in the middle of a life. */
  readonly initially: 'host owns all RAM' | 'unknown';
}

const everything: readonly AddressRange[] = [{ start: 0n, end: physicalLimit }];

/** The RAM that a call is checked against. */
export const ramOf = ({ ram }: Machine): readonly AddressRange[] => (ram === 'any' ? everything : ram);

/** Whether a page is RAM as a whole. */
export const isRamPage = (machine: Machine, page: bigint): boolean =>
  firstOutsideRam(ramOf(machine), page, page + PAGE_SIZE) === undefined;

/** The guests that a call is checked against; `named` is the one that it names. */
export function vmsOf({ vms }: Machine, named: number | undefined): readonly Guest[] {
  if (vms !== 'any') return vms;
  return named === undefined ? [] : [{ id: named, kind: 'unknown' }];
}

/**
 * The word of a leaf that nothing has written yet. Seed 004, "Initially, all pages except pKVM owned ones are owned
 * by host VM"; "before guest first EPT_VIOLATION, there is no page mapped in guest shadow EPT".
 */
export function initialWord(machine: Machine, table: Table, address: bigint): bigint {
  const isHostRam = table === 'host' && address < physicalLimit && isRamPage(machine, address);
  return isHostRam && !isHypervisors(machine, address)
    ? hostLeaf(address, PageState.PKVM_PAGE_OWNED)
    : NEVER_MAPPED;
}

/** Whether a page is the hypervisor's own from the start, as far as somebody said. */
const isHypervisors = ({ hypervisor = [] }: Machine, page: bigint): boolean =>
  hypervisor.some(({ start, end }) => page + PAGE_SIZE > start && page < end);

/** So many pages from `address` on begin with leaves of one kind, of at most `most`: to where any range begins or ends. */
export function initialStretch(
  { ram, hypervisor = [] }: Machine,
  table: Table,
  address: bigint,
  most: number,
): number {
  if (table !== 'host') return most;
  const edges = [
    ...(ram === 'any' ? everything : ram).flatMap(({ start, end }) => [pageFrom(start), pageAt(end)]),
    ...hypervisor.flatMap(({ start, end }) => [pageAt(start), pageFrom(end)]),
  ];
  let pages = most;
  for (const edge of edges) {
    if (edge > address && edge < address + BigInt(pages) * PAGE_SIZE)
      pages = Number((edge - address) / PAGE_SIZE);
  }
  return pages;
}

/** The first page that begins at an address or behind it. */
const pageFrom = (address: bigint): bigint => pageAt(address + PAGE_SIZE - 1n);

/** The page that an address lies in. */
export const pageAt = (address: bigint): bigint => address - (address % PAGE_SIZE);
