import type { Action, Read, Slot } from '../checker/index.ts';
import type { Contents, PageState, Vm } from '../model/pkvm/index.ts';
import type { PageClaims } from './page-claims.ts';

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
  /** By what some CPU or the IOMMU has cached, not by the words. */
  readonly isCached: boolean;
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
  /** Whether a word that the host leaf of this page is read from is among these slots. */
  isChanged(changed: readonly Slot[], page: bigint): boolean;
  /** Who accesses what by which translation, where an action is an access. */
  accessOf(
    action: Action,
  ): { readonly accessor: number; translate(read: Read): Reached | undefined } | undefined;
  /** Whether some CPU runs this one: a guest by owner id, the host as 1. */
  isRun(read: Read, id: number): boolean;
  /** The pages of which the host EPT records this guest as owner. */
  ownedBy(read: Read, vm: number): readonly bigint[];
  /** The gpas at which this guest's table maps anything. */
  mappedBy(read: Read, vm: number): readonly bigint[];
  /** Whether this guest's table maps the page in this state. */
  maps(read: Read, vm: number, page: bigint, state: PageState): boolean;
}
