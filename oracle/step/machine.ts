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

/** What is known of the machine before the first event. */
export interface Machine {
  /** `any`: nobody said what is RAM, so every page passes for it. */
  readonly ram: readonly AddressRange[] | 'any';
  /** `any`: nobody said which guests there are, so every id passes for one, of an unspecified kind. */
  readonly vms: readonly Vm[] | 'any';
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
export function vmsOf({ vms }: Machine, named: number | undefined): readonly Vm[] {
  if (vms !== 'any') return vms;
  return named === undefined ? [] : [{ id: named, kind: 'unspecified' }];
}

/**
 * The word of a leaf that nothing has written yet. Seed 004, "Initially, all pages except pKVM owned ones are owned
 * by host VM"; "before guest first EPT_VIOLATION, there is no page mapped in guest shadow EPT".
 */
export function initialWord(machine: Machine, table: Table, address: bigint): bigint {
  const isHostRam = table === 'host' && address < physicalLimit && isRamPage(machine, address);
  return isHostRam ? hostLeaf(address, PageState.PKVM_PAGE_OWNED) : NEVER_MAPPED;
}

/** The page that an address lies in. */
export const pageAt = (address: bigint): bigint => address - (address % PAGE_SIZE);
