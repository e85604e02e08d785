import type { Action, Read, Slot } from '../../checker/index.ts';
import type { Vm } from '../../model/pkvm/index.ts';

/** What a guest page was given: the leaf as it was mapped (0 where nothing is), and the vector set since then. */
export interface Given {
  readonly leaf: bigint;
  readonly vector: number;
}

/** One guest page as the sentences see it. */
export interface GuestPageView {
  /** `guest2[0x10000]`. */
  readonly about: string;
  readonly vm: Vm;
  readonly gpa: bigint;
  /** The slot of its leaf. */
  readonly slot: Slot<bigint>;
  leaf(read: Read): bigint;
  /** The vector that the hypervisor remembers. */
  record(read: Read): number;
  /** The vector's word in the SPPT. */
  l1e(read: Read): bigint;
  /** Whether a walk gets as far as that word. */
  isWalked(read: Read): boolean;
  /** By the calls that are done. */
  given(read: Read): Given;
  /** By the call that holds the lock, once it is done; the same as `given` where it is about something else. */
  coming(read: Read): Given;
}

/** A way of a guest to a page: by the words of its table, or by what a CPU has cached. */
export interface GuestWay {
  readonly about: string;
  readonly guestPage: GuestPageView;
  reaches(read: Read): bigint | undefined;
}

/** Who is told of a denied write, by owner id, and what. */
export interface ReportView {
  readonly to: number;
  readonly address: bigint;
  readonly qualification: bigint;
}

/** A guest's write as the sentences see it. */
export interface GuestWrite {
  readonly guestPage: GuestPageView;
  readonly subPage: number;
  /** The page that it reaches; `undefined` where it is an exit. */
  page(read: Read): bigint | undefined;
  report(read: Read): ReportView | undefined;
}

/** A system with both mechanisms as the sentences about it see it: they know no slot. */
export interface GuardedView {
  readonly pages: readonly bigint[];
  readonly guestPages: readonly GuestPageView[];
  readonly ways: readonly GuestWay[];
  hostLeaf(read: Read, page: bigint): bigint;
  /** Nobody holds the lock. */
  isQuiet(read: Read): boolean;
  /** The page that the host is taking back from a normal guest. */
  recalled(read: Read): bigint | undefined;
  /** The pages that a guest's SPPT has for its last level: in memory, and in what CPUs remember of it. */
  readonly sppts: readonly { readonly about: string; page(read: Read): bigint }[];
  /** The page in which a guest's vectors lie, also while it is coming or going; 0 where it has none. */
  spptPage(read: Read, vm: number): bigint;
  /** Whether the SPPT's pages come from the host and go back. */
  readonly hasDonatedSppt: boolean;
  readonly verifiesGuestPaging: boolean;
  /** Whether some guest's vectors can be set by anybody. */
  readonly canGuard: boolean;
  /** Whether pages are also given without the right to write. */
  readonly lendsReadOnly: boolean;
  writeOf(action: Action): GuestWrite | undefined;
  /** Who sets a vector by this step, and who may, by owner id; `undefined` where it sets none. */
  setBy(
    action: Action,
  ):
    | { readonly guestPage: GuestPageView; readonly by: number; readonly holder: number | undefined }
    | undefined;
  /** Whether the action answers an SPP miss. */
  isMiss(action: Action): boolean;
}
