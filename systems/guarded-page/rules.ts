import { ViolationQualification } from '../../model/ept/index.ts';
import { FULL_VECTOR, spread } from '../../model/kvm/index.ts';
import {
  guardedLeaf,
  NEVER_MAPPED,
  openLeaf,
  type Operations,
  operations,
  OwnerId,
  PAGE_SIZE,
  type Vm,
} from '../../model/pkvm/index.ts';
import { type GuardCheck, setChecks, shareChecks } from './checks.ts';
import { type CallName, type Program, programs } from './program.ts';
import type { Holder } from './size.ts';

/** A write that a guest may not make, as the processor reports it. */
export interface Denial {
  readonly vm: Vm;
  readonly why: 'not-present' | 'permission' | 'sub-page';
  readonly address: bigint;
  readonly qualification: bigint;
}

/** Who is told of a denied write, and what. */
export interface Report {
  /** By owner id: the hypervisor keeps it to itself, the host handles it, the guest gets an exception. */
  readonly to: number;
  readonly address: bigint;
  readonly qualification: bigint;
}

/** What a flush reaches. */
export interface FlushReach {
  readonly translations: boolean;
  readonly vectors: boolean;
  /** What a processor remembers of the SPPT above its last level. */
  readonly tables: boolean;
  /** Whether the other CPUs are interrupted. */
  readonly everyCpu: boolean;
}

/** Every decision of the machine that has both mechanisms, beyond those of the page-state API. */
export interface GuardRules {
  readonly operations: Operations;
  readonly setChecks: readonly GuardCheck[];
  readonly shareChecks: readonly GuardCheck[];
  readonly programs: Readonly<Record<CallName, Program>>;
  /** A leaf as the checks read it. */
  stateSeen(leaf: bigint): bigint;
  /** The word of a host leaf. */
  hostMapped(word: bigint): bigint;
  /** The word of a guest leaf that is mapped, over what stood there; `record` is the vector remembered for the gpa. */
  mapped(before: bigint, word: bigint, record: number): bigint;
  /** The word of a guest leaf that is unmapped. */
  unmapped(before: bigint): bigint;
  /** The leaf that obeys a vector. */
  marked(leaf: bigint, vector: number): bigint;
  /** Whether a vector is remembered before it is known that it may be set. */
  readonly remembersFirst: boolean;
  /** Whether marking a leaf flushes by itself, instead of a step of its own. */
  marksAndFlushes(before: bigint, after: bigint): boolean;
  readonly flush: FlushReach;
  /** Whether an SPP miss waits for the call that holds the lock. */
  readonly missWaits: boolean;
  /** The vector's word after the answer to a miss: that of a vector that is remembered, or what stood there. */
  rebuilt(record: number, before: bigint): bigint;
  report(denial: Denial, holder: Holder): Report;
  /** Whether the processor gives bit 57 of a leaf the meaning "verify guest paging". */
  readonly verifiesGuestPaging: boolean;
}

const Q = ViolationQualification;

/** The host hears of what it must handle: a page that is not there, by page and kind of access and nothing else. */
function report({ vm, why, address, qualification }: Denial, holder: Holder): Report {
  const { read, write, execute } = Q.decode(qualification);
  const toHandle: Report = {
    to: OwnerId.PKVM_ID_HOST,
    address: address - (address % PAGE_SIZE),
    qualification: Q.encode({ read, write, execute }),
  };
  if (why === 'not-present') return toHandle;
  if (vm.kind === 'normal') return why === 'sub-page' ? { ...toHandle, address } : toHandle;
  const to = holder === 'guest' ? vm.id : OwnerId.PKVM_ID_HYP;
  return { to, address, qualification };
}

/** The rules of the specification: `docs/guarded-page.md`. */
export const specified: GuardRules = {
  operations,
  setChecks,
  shareChecks,
  programs,
  stateSeen: leaf => leaf,
  hostMapped: word => word,
  mapped: (_, word) => word,
  unmapped: () => NEVER_MAPPED,
  marked: (leaf, vector) => (vector === FULL_VECTOR ? openLeaf(leaf) : guardedLeaf(leaf)),
  remembersFirst: false,
  marksAndFlushes: () => false,
  flush: { translations: true, vectors: true, tables: true, everyCpu: true },
  missWaits: true,
  rebuilt: (record, before) => (record === FULL_VECTOR ? before : spread(record)),
  report,
  verifiesGuestPaging: false,
};
