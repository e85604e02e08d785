import type { Action, Read } from '../checker/index.ts';
import type { Contents, PageState, Vm } from '../model/pkvm/index.ts';
import type { PageClaims } from './page-leaves.ts';

/** What an address translates to, by words or from a cache. */
export interface Reached {
  readonly page: bigint;
  readonly write: boolean;
  readonly memoryType: number;
}

/** One way to a page. */
export interface WayToPage {
  /** The leaf that is walked, or the cached translation: `cpu0.tlb.host[0x3000]`. */
  readonly about: string;
  /** For whom an access on this way is made, as an owner id. */
  readonly accessor: number;
  /** `undefined` where the way leads nowhere: an EPT violation, nothing cached. */
  reaches(read: Read): Reached | undefined;
}

/** A page as all tables see it, with the gpa at which each guest maps it. */
export interface PlacedClaims extends PageClaims {
  readonly guests: readonly { readonly vm: number; readonly gpa: bigint; readonly pageState: PageState }[];
}

/** A VM's life: `absent`, `created`, `started`, `dying`. */
export interface VmLife extends Vm {
  state(read: Read): string;
  /** The page of its structures; 0 where it has none. */
  structures(read: Read): bigint;
  /** Ways through its table, by words and by caches. */
  readonly ways: readonly WayToPage[];
}

/** A system as the sentences about isolation see it: they know no slot. */
export interface IsolationView {
  readonly pages: readonly bigint[];
  /** Whether there is MMIO that the host can map. */
  readonly hasMmio: boolean;
  /** The registers of the IOMMU. */
  readonly iommuPages: readonly bigint[];
  readonly ways: readonly WayToPage[];
  readonly lives: readonly VmLife[];
  /** Whether VMs come and go. */
  readonly hasLifecycle: boolean;
  claims(read: Read, page: bigint): PlacedClaims;
  hostLeaf(read: Read, page: bigint): bigint;
  guestLeaf(read: Read, vm: number, gpa: bigint): bigint;
  readonly gpas: readonly bigint[];
  contents(read: Read, page: bigint): Contents;
  /** Who accesses what by which translation, where an action is an access. */
  accessOf(
    action: Action,
  ): { readonly accessor: number; translate(read: Read): Reached | undefined } | undefined;
  /** The pages that each CPU runs: guests by owner id, the host as 1. */
  runners(read: Read): readonly number[];
}
