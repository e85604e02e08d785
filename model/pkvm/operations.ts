import type { Word } from '../bits/index.ts';
import type { Prot } from './leaf.ts';
import type { PkvmTables } from './tables.ts';
import { donate, share, type Transition, unshare } from './transition.ts';

/** The eight operations, in the order of the seed's API and then of what it leaves to later parts. */
export const operationNames = [
  'host_donate_hyp',
  'hyp_donate_host',
  'host_share_guest',
  'host_unshare_guest',
  'host_donate_guest',
  'host_undonate_guest',
  'guest_share_host',
  'guest_unshare_host',
] as const;
export type OperationName = (typeof operationNames)[number];

const known: ReadonlySet<string> = new Set(operationNames);
export const isOperationName = (name: string): name is OperationName => known.has(name);

/** The arguments of a call. Addresses and size in bytes; which are used depends on the operation. */
export interface CallArguments {
  readonly hpa?: bigint;
  readonly vm?: number;
  readonly gpa?: bigint;
  readonly size: bigint;
  /** `rwx` where the operation takes it and the caller names none. */
  readonly prot?: Prot;
}

export interface Operation {
  readonly transition: Transition;
  readonly names: 'hpa' | 'hpa and gpa' | 'gpa';
  /** Donation needs a protected VM, sharing by the host a normal one. */
  readonly needs?: 'protected' | 'normal';
  /** Donation and sharing move RAM only. */
  readonly ramOnly: boolean;
}

export type Operations = Readonly<Record<OperationName, Operation>>;

/** Which transition, between whom, each operation is. Seed 004, "this patch set support page state APIs". */
export const operations: Operations = {
  host_donate_hyp: { transition: donate('host', 'hyp'), names: 'hpa', ramOnly: true },
  hyp_donate_host: { transition: donate('hyp', 'host'), names: 'hpa', ramOnly: true },
  host_share_guest: {
    transition: share('host', 'guest'),
    names: 'hpa and gpa',
    needs: 'normal',
    ramOnly: true,
  },
  host_unshare_guest: { transition: unshare('host', 'guest'), names: 'hpa and gpa', ramOnly: false },
  host_donate_guest: {
    transition: donate('host', 'guest'),
    names: 'hpa and gpa',
    needs: 'protected',
    ramOnly: true,
  },
  host_undonate_guest: { transition: donate('guest', 'host'), names: 'hpa and gpa', ramOnly: false },
  guest_share_host: { transition: share('guest', 'host'), names: 'gpa', ramOnly: false },
  guest_unshare_host: { transition: unshare('guest', 'host'), names: 'gpa', ramOnly: false },
};

/** A call as its checks see it: which operation, with which arguments, on which tables. */
export interface CallRequest<W extends Word = bigint> {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly args: CallArguments;
  readonly tables: PkvmTables<W>;
}
