import { setBits, type Word } from '../bits/index.ts';
import type { MemoryWrite } from '../memory/index.ts';
import type { SppCondition } from './spp/eligibility.ts';
import type { Level, PageSize } from './level.ts';
import type { MisconfigurationReason } from './misconfiguration.ts';
import type { MissingRight } from './permission.ts';
import type { EntryField } from './vm-entry.ts';
import type { WalkRead } from './translation.ts';

/** Why an EPT violation: no entry, a right that the entries do not give, or a sub-page that the vector denies. */
export type ViolationCause =
  | { readonly why: 'not-present' }
  | {
      readonly why: 'permission';
      readonly missing: readonly MissingRight[];
      /** The first condition that keeps the sub-page permission table from deciding. */
      readonly sppUnless: SppCondition;
    }
  /** An entry without the right ended the walk: under a fault only. */
  | { readonly why: 'cut-short' }
  | { readonly why: 'sub-page'; readonly subPages: readonly number[] };

interface Walked<W extends Word> {
  /** Every word that the walk read, in order. */
  readonly walk: readonly WalkRead<W>[];
}

interface Exit<W extends Word> extends Walked<W> {
  readonly qualification: bigint;
  /** The guest-physical address that the VMCS reports. */
  readonly gpaField: bigint;
}

export interface Allowed<W extends Word = bigint> extends Walked<W> {
  readonly kind: 'allowed';
  /** The level of the leaf. */
  readonly level: Level;
  readonly hpa: bigint;
  readonly pageSize: PageSize;
  /** The write is permitted by the sub-page vector and not by the EPT's write bits. */
  readonly grantedBySpp: boolean;
  /** Accessed and dirty flags top down, then the log entry. */
  readonly memoryWrites: readonly MemoryWrite<W | bigint>[];
  /** Where PML is enabled. */
  readonly pmlIndexAfter?: number;
}

export interface EptViolation<W extends Word = bigint> extends Exit<W> {
  readonly kind: 'ept_violation';
  readonly exitReason: 48;
  /** The level of the entry that decided: the one not present, the leaf, or the vector (1). */
  readonly level: Level;
  readonly cause: ViolationCause;
  /** Bits of the qualification that the processor leaves undefined; 0 in `qualification`. */
  readonly undefinedBits: bigint;
  /** Accessed flags set although the access is refused: under the reading in which that happens. */
  readonly memoryWrites?: readonly MemoryWrite<W>[];
}

/** An EPT violation that became a #VE (vector 20): no exit; the processor fills the information area. */
export interface VirtualizationException<W extends Word = bigint> extends Walked<W> {
  readonly kind: 'virtualization_exception';
  readonly level: Level;
  readonly cause: ViolationCause;
  readonly qualification: bigint;
  readonly undefinedBits: bigint;
  readonly memoryWrites: readonly MemoryWrite<W | bigint>[];
}

export interface EptMisconfig<W extends Word = bigint> extends Exit<W> {
  readonly kind: 'ept_misconfig';
  readonly exitReason: 49;
  readonly level: Level;
  readonly reason: MisconfigurationReason;
}

export interface SppMiss<W extends Word = bigint> extends Exit<W> {
  readonly kind: 'spp_miss';
  readonly exitReason: 66;
  /** 4, 3 or 2; 1 under the reading in which an all-zero vector misses. */
  readonly level: 1 | 2 | 3 | 4;
}

export interface SppMisconfig<W extends Word = bigint> extends Exit<W> {
  readonly kind: 'spp_misconfig';
  readonly exitReason: 66;
  readonly level: 1 | 2 | 3 | 4;
  /** The bits that must be 0 in the last word read, of which some are 1: `reservedBitsIn`. */
  readonly reservedMask: bigint;
}

/** The reserved bits that are 1 in the entry that misconfigures. */
export const reservedBitsIn = ({ walk, reservedMask }: SppMisconfig): bigint =>
  setBits(walk.at(-1)?.word ?? 0n, reservedMask);

export interface PmlFull<W extends Word = bigint> extends Walked<W> {
  readonly kind: 'pml_full';
  readonly exitReason: 62;
  readonly qualification: bigint;
}

/** The VM never ran: a control field fails a check of VM entry. */
export interface VmEntryFail<W extends Word = bigint> extends Walked<W> {
  readonly kind: 'vmentry_fail';
  readonly field: EntryField;
  /** The check that the field fails. */
  readonly check: string;
}

/** The memory does not say: this word is needed to go on. */
export interface Unknown<W extends Word = bigint> extends Walked<W> {
  readonly kind: 'unknown';
  readonly table: 'ept' | 'sppt' | 've-info';
  /** The level of the entry; 0 for the virtualization-exception information area. */
  readonly level: Level | 0;
  readonly address: bigint;
}

/** What becomes of an access. Exactly one of these. */
export type Outcome<W extends Word = bigint> =
  | Allowed<W>
  | EptViolation<W>
  | VirtualizationException<W>
  | EptMisconfig<W>
  | SppMiss<W>
  | SppMisconfig<W>
  | PmlFull<W>
  | VmEntryFail<W>
  | Unknown<W>;
export type OutcomeKind = Outcome['kind'];
