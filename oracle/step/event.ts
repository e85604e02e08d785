import type { CallArguments, OperationName, PageState } from '../../model/pkvm/index.ts';
import type { Table } from './machine.ts';

/** What somebody saw of one leaf. What is left out was not observed, and is not compared. */
export interface LeafObservation {
  readonly table: Table;
  /** hpa in the host EPT, gpa in a guest's table; of a page. */
  readonly address: bigint;
  readonly word?: bigint;
  readonly state?: PageState;
  readonly isPresent?: boolean;
  /** The recorded owner; compared where the leaf is not present. */
  readonly ownerId?: number;
}

/** A call of the page-state API. Without `ret` its result was not observed. */
export interface CallEvent {
  readonly kind: 'call';
  readonly name: OperationName;
  readonly args: CallArguments;
  /** 0 or a negative errno; whatever the implementation returned. */
  readonly ret?: number;
  /** Leaves as they were seen after the call. */
  readonly leaves?: readonly LeafObservation[];
}

/** Leaves as they were seen between two calls. */
export interface ObserveEvent {
  readonly kind: 'observe';
  readonly leaves: readonly LeafObservation[];
}

/** One access, and whether the tables let it through. */
export interface AccessEvent {
  readonly kind: 'access';
  readonly who: Table;
  readonly access: 'read' | 'write' | 'execute';
  /** gpa of a guest, hpa for the host. */
  readonly address: bigint;
  readonly outcome?: 'allowed' | 'violation';
}

/** An EPT violation that reached the hypervisor, and what it did about it. */
export interface ViolationEvent {
  readonly kind: 'violation';
  readonly who: Table;
  readonly address: bigint;
  /**
   * `mapped`: the page at `hpa` was mapped there. `refused`: nothing was done, the access stays forbidden. `retry`:
   * it was mapped meanwhile. `reflected`: given to the guest's own hypervisor, `injected`: to the guest.
   */
  readonly result: 'mapped' | 'refused' | 'retry' | 'reflected' | 'injected';
  readonly hpa?: bigint;
  readonly size?: bigint;
}

/** Events are missing here: nothing that was known of the leaves is known any more. */
export interface GapEvent {
  readonly kind: 'gap';
  /** How many, where that was said. */
  readonly lost?: number;
  /** Why, where it is not that a tracer lost them. */
  readonly why?: string;
}

export type OracleEvent = CallEvent | ObserveEvent | AccessEvent | ViolationEvent | GapEvent;
