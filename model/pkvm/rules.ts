import type { Word } from '../bits/index.ts';
import type { ArgumentCheck } from './arguments.ts';
import type { PageOfCall } from './check.ts';
import type { LeafView } from './leaf.ts';
import type { CallRequest, Operations } from './operations.ts';
import type { CallOutcome } from './result.ts';
import type { Vm } from './tables.ts';

/** A call, with the rules by which it is decided. */
export interface Request<W extends Word = bigint> extends CallRequest<W> {
  readonly rules: CallRules;
}

/**
 * Every decision of a call of the page-state API, each as one named question. `specified` answers as the sources do;
 * a fault replaces single answers.
 */
export interface CallRules {
  /** Asked of the arguments, in this order: the first that does not hold is the result. */
  readonly argumentChecks: readonly ArgumentCheck[];
  /** What each operation asks of the leaves, and what it writes into them. */
  readonly operations: Operations;
  /** The pages of a call's range, in order. May be iterated several times. */
  pagesOf<W extends Word>(request: Request<W>): Iterable<PageOfCall<W>>;
  /** One page of a range, with the leaves that its checks look at; without `hpa` the page that the guest maps. */
  pageOf<W extends Word>(request: Request<W>, hpa: bigint | undefined, gpa: bigint): PageOfCall<W>;
  /** Makes the call on a range of pages: every check on every page, then every write. */
  over<W extends Word>(request: Request<W>, pages: Iterable<PageOfCall<W>>): CallOutcome<W>;
  /** Writes what the initiator and then the completer write, once every check holds. */
  carryOut<W extends Word>(request: Request<W>, pages: readonly PageOfCall<W>[]): CallOutcome<W>;
}

/** What the host and the guests really do, above the operations. facts/pkvm.md 1.1, "Callers". */
export interface EntryPointRules {
  /** The operation by which a guest of this kind gets a page that the host offers it. */
  operationFor(kind: 'protected' | 'normal'): 'host_donate_guest' | 'host_share_guest';
  /** Whether leaves that are all present are those that the host offers. */
  isMappedAlready(leaves: readonly LeafView[], offered: readonly bigint[]): boolean;
  /** Whether the host may pull pages from a guest of this kind. */
  mayInvalidate(kind: Vm['kind']): boolean;
  /** Whether the teardown of a guest of this kind gives its pages back. */
  unmapsAtTeardown(kind: Vm['kind']): boolean;
  /** Whether a page that the host does not map is mapped when it faults there. */
  mapsLazily(what: 'ram' | 'iommu' | 'mmio'): boolean;
}

/** Every decision of pKVM that is modelled. */
export interface PkvmRules extends CallRules, EntryPointRules {
  /** One of the 512 leaves that splitting a page-directory entry gives. `index` from 0 to 511. */
  splitLeaf(pde: bigint, index: number): bigint;
}
