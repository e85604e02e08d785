import type { Action, Read, Slot } from '../checker/index.ts';
import type { CountedState, PageRecord } from '../model/pkvm/counted/index.ts';

/** A guest leaf as the sentences see it. */
export interface CountedLeafView {
  /** `guest1[0x10000]`. */
  readonly about: string;
  readonly vm: number;
  readonly isProtected: boolean;
  /** The slot of its word; of a page below a large leaf that of its own word, which then is 0. */
  readonly slot: Slot<bigint>;
  /** The word by which it is translated. */
  word(read: Read): bigint;
  /** Whether the guest takes the page for shared with the host. */
  believesShared(read: Read): boolean;
  /** A translation that is cached and that the table no longer has; 0 where none is. */
  stale(read: Read): bigint;
}

/** One leaf that maps a page: whose, and in which state. */
export interface MappedBy {
  readonly isProtected: boolean;
  readonly state: CountedState;
}

/** A page of RAM as the sentences see it. */
export interface CountedPageView {
  readonly about: string;
  readonly page: bigint;
  readonly recordSlot: Slot<bigint>;
  record(read: Read): PageRecord;
  hostLeaf(read: Read): bigint;
  /** The guest leaves that map it. */
  mappedBy(read: Read): readonly MappedBy[];
  /** The shares that the hypervisor was granted, -1 where the page itself was given. */
  held(read: Read): number;
  /** How many devices map it. */
  devices(read: Read): number;
  /** Whose secrets lie in it. */
  secret(read: Read): 'none' | 'guest' | 'hyp';
  stale(read: Read): bigint;
}

/** A system of counted sharing as its sentences see it: they know no slot but as a name for what changed. */
export interface CountedView {
  readonly pages: readonly CountedPageView[];
  readonly leaves: readonly CountedLeafView[];
  /** The host's leaves of MMIO. */
  readonly mmio: readonly { readonly about: string; hostLeaf(read: Read): bigint }[];
  readonly vms: readonly {
    readonly id: number;
    readonly isProtected: boolean;
    isFinalized(read: Read): boolean;
  }[];
  /** What a counter of a record can hold. */
  readonly countMax: number;
  readonly has: {
    readonly devices: boolean;
    /** Pages that go to the hypervisor; read-only ones among them. */
    readonly hyp: boolean;
    readonly readOnly: boolean;
    readonly readOnlyShares: boolean;
  };
  /** The pages that a call names by their address. */
  namesPage(action: Action, page: bigint): boolean;
  /** Whether a step is a call of the API; the rest is what processors and vCPUs do beside. */
  isCall(action: Action): boolean;
}
