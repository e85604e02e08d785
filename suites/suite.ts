import type { Source } from '../model/citation.ts';
import type { AddressRange, Prot, Vm } from '../model/pkvm/index.ts';

export const covers = ['transitions', 'refusals', 'pairs'] as const;
export type Cover = (typeof covers)[number];

/** The table of the host, of a guest by its number, or, of code that counts, the records of pages. */
export type SuiteTable = 'host' | 'record' | number;

/** A table as C and Rust number it. */
export const tableNumber = (table: SuiteTable): number =>
  table === 'host' ? 0 : table === 'record' ? 0xffff_ffff : table;

/** A leaf, or a record, that every step checks. */
export interface SuiteLeaf {
  readonly table: SuiteTable;
  readonly address: bigint;
  readonly initial: bigint;
}

/** The arguments of a call; on arm64 pages and frames as addresses. */
export interface SuiteArguments {
  readonly hpa?: bigint;
  readonly gpa?: bigint;
  readonly vm?: number;
  readonly size: bigint;
  /** What a caller grants; of arm64 the number that it passes. */
  readonly prot?: Prot | number;
}

/** What a caller grants as a number: bit 0 read, bit 1 write, bit 2 execute. */
export const protNumber = (prot: Prot | number | undefined): number =>
  typeof prot === 'object'
    ? Number(prot.read) + 2 * Number(prot.write) + 4 * Number(prot.execute)
    : (prot ?? 0);

/** One call, its result, and the leaves that it changes; all others must be as they were. */
export interface SuiteStep {
  readonly name: string;
  readonly args: SuiteArguments;
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
  /** Every operation that there is, in the order in which C and Rust number them. */
  readonly operations: readonly string[];
  /** A rule that decides steps, as a sentence and where it comes from. */
  readonly ruleOf: (name: string) => { readonly says: string; readonly source: Source };
  readonly ram: readonly AddressRange[];
  readonly vms: readonly Vm[];
  readonly leaves: readonly SuiteLeaf[];
  readonly tests: readonly SuiteTest[];
  readonly guarantee: Guarantee;
}
