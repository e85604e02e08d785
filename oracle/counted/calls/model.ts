import type { Arm64Arguments } from '../../../model/pkvm/counted/arm64/index.ts';
import type { AddressRange, CountedArguments, CountedOutcome } from '../../../model/pkvm/counted/index.ts';
import type { CountedRule } from '../verdict.ts';
import type { Ear } from './ear.ts';
import type { CountedTable, Held, LeafSpan, Place, PlaceSeen } from './place.ts';

/** The arguments of a call on either machine: each operation takes some of them. */
export type CallArguments = CountedArguments & Arm64Arguments;

/** Pages that tables are made of. */
export interface Memory {
  readonly memcache: number;
  readonly pool: number;
}

/** What is taken of a VM while a call is tried. */
export interface VmFacts {
  readonly isProtected?: boolean | undefined;
  readonly isFinalized?: boolean | undefined;
  readonly isDying?: boolean | undefined;
}

/** A guest as somebody described it; what is left out nobody said. */
export interface CountedGuest extends VmFacts {
  readonly id: number;
  readonly handle?: number | undefined;
}

/** What is known of the machine before the first event. */
export interface CountedMachineFacts {
  readonly ram: readonly AddressRange[] | 'any';
  readonly hypervisor: readonly AddressRange[];
  readonly vms: readonly CountedGuest[] | 'any';
  readonly initially: 'host owns all RAM' | 'unknown';
  /** Sizes of pages that leaves may map, in bytes; every size where nobody said. */
  readonly pageSizes?: readonly bigint[] | undefined;
  /** arm64: how many bits the addresses of guests have. */
  readonly ipaBits?: number | undefined;
  /** arm64: whether the processor has FEAT_XNX. */
  readonly hasXnx?: boolean | undefined;
}

/** What an operation takes, and whether it returns an error number. */
export interface OperationShape {
  readonly takes: readonly (keyof CallArguments)[];
  readonly returns: 'error' | 'nothing';
}

/** Whether the answer of a call was observed to be what it is: what flushes tell is known of x86 alone. */
export type Observable = 'flushes' | 'el2';

/** A machine on which calls count, whichever processor it has. What is tried on it can be taken back. */
export interface CountedModel {
  readonly observes: readonly Observable[];
  /** Tables of which nobody knows what was mapped in them lazily. */
  readonly guessed: readonly CountedTable[];
  /** `undefined` for a name that the revision has not. */
  shapeOf(name: string): OperationShape | undefined;
  readonly names: readonly string[];
  /** Every rule by which a call of each operation can end. */
  rules(): ReadonlyMap<string, readonly string[]>;
  mark(): number;
  back(mark: number): void;
  forget(): void;
  hasVm(id: number): boolean;
  addVm(guest: CountedGuest): void;
  /** Makes the call, whatever comes of it; `heard` learns what it read and changed. */
  call(
    name: string,
    args: CallArguments,
    under: { readonly vm: VmFacts; readonly memory: Memory },
    heard: Ear,
  ): CountedOutcome;
  memory(vm: number): Memory;
  at(place: Place): Held;
  leaves(table: CountedTable, start: bigint, size: bigint): Iterable<LeafSpan>;
  put(place: Place, held: Held): void;
  /** The page that a leaf maps at the beginning of a range; `undefined` where it maps none. */
  pageOf(span: LeafSpan): bigint | undefined;
  /** A record with fields as they were seen. */
  recordWith(word: bigint, fields: NonNullable<PlaceSeen['fields']>): bigint;
  show(place: Place, held: Held): string;
  /** Whether a leaf that was seen is the one that the model holds, but for what hardware or a fault does by itself. */
  agrees(place: Place, seen: Held, held: Held): boolean;
  ruleAt(at: string, name: string, outcome: CountedOutcome, args: CallArguments): CountedRule;
}
