import type { AddressRange, CallArguments, OperationName, Vm } from '../model/pkvm/index.ts';

export const covers = ['transitions', 'refusals', 'pairs'] as const;
export type Cover = (typeof covers)[number];

/** A leaf that every step checks. */
export interface SuiteLeaf {
  readonly table: 'host' | number;
  readonly address: bigint;
  readonly initial: bigint;
}

/** One call, its result, and the leaves that it changes; all others must be as they were. */
export interface SuiteStep {
  readonly name: OperationName;
  readonly args: CallArguments;
  /** Whether a table page can be had during this call. */
  readonly tablePages: 'available' | 'exhausted';
  readonly ret: number;
  /** The rule that decides, by name. */
  readonly rule: string;
  /** Places in the list of leaves, with the word after the call. */
  readonly changes: readonly { readonly leaf: number; readonly after: bigint }[];
}

export interface SuiteTest {
  readonly key: string;
  readonly steps: readonly SuiteStep[];
}

/** What the suite guarantees, counted from the steps that it holds. */
export interface Guarantee {
  readonly cover: Cover | 'calls';
  readonly covered: number;
  readonly of: number;
  readonly states: number;
  readonly steps: number;
  /** Steps that are refused and must leave every word as it was. */
  readonly refusals: number;
  readonly sentence: string;
}

export interface Suite {
  readonly system: string;
  readonly profile: string;
  readonly ram: readonly AddressRange[];
  readonly vms: readonly Vm[];
  readonly leaves: readonly SuiteLeaf[];
  readonly tests: readonly SuiteTest[];
  readonly guarantee: Guarantee;
}
