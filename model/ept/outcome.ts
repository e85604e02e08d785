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

interface Walked {
  /** Every word that the walk read, in order. */
  readonly walk: readonly WalkRead[];
}

interface Exit extends Walked {
  readonly qualification: bigint;
  /** The guest-physical address that the VMCS reports. */
  readonly gpaField: bigint;
}

export interface Allowed extends Walked {
  readonly kind: 'allowed';
  /** The level of the leaf. */
  readonly level: Level;
  readonly hpa: bigint;
  readonly pageSize: PageSize;
  /** The write is permitted by the sub-page vector and not by the EPT's write bits. */
  readonly grantedBySpp: boolean;
  /** Accessed and dirty flags top down, then the log entry. */
  readonly memoryWrites: readonly MemoryWrite[];
  /** Where PML is enabled. */
  readonly pmlIndexAfter?: number;
}

export interface EptViolation extends Exit {
  readonly kind: 'ept_violation';
  readonly exitReason: 48;
  /** The level of the entry that decided: the one not present, the leaf, or the vector (1). */
  readonly level: Level;
  readonly cause: ViolationCause;
  /** Bits of the qualification that the processor leaves undefined; 0 in `qualification`. */
  readonly undefinedBits: bigint;
  /** Accessed flags set although the access is refused: under the reading in which that happens. */
  readonly memoryWrites?: readonly MemoryWrite[];
}

/** An EPT violation that became a #VE (vector 20): no exit; the processor fills the information area. */
export interface VirtualizationException extends Walked {
  readonly kind: 'virtualization_exception';
  readonly level: Level;
  readonly cause: ViolationCause;
  readonly qualification: bigint;
  readonly undefinedBits: bigint;
  readonly memoryWrites: readonly MemoryWrite[];
}

export interface EptMisconfig extends Exit {
  readonly kind: 'ept_misconfig';
  readonly exitReason: 49;
  readonly level: Level;
  readonly reason: MisconfigurationReason;
}

export interface SppMiss extends Exit {
  readonly kind: 'spp_miss';
  readonly exitReason: 66;
  /** 4, 3 or 2; 1 under the reading in which an all-zero vector misses. */
  readonly level: 1 | 2 | 3 | 4;
}

export interface SppMisconfig extends Exit {
  readonly kind: 'spp_misconfig';
  readonly exitReason: 66;
  readonly level: 1 | 2 | 3 | 4;
  readonly reservedBits: bigint;
}

export interface PmlFull extends Walked {
  readonly kind: 'pml_full';
  readonly exitReason: 62;
  readonly qualification: bigint;
}

/** The VM never ran: a control field fails a check of VM entry. */
export interface VmEntryFail extends Walked {
  readonly kind: 'vmentry_fail';
  readonly field: EntryField;
  /** The check that the field fails. */
  readonly check: string;
}

/** The memory does not say: this word is needed to go on. */
export interface Unknown extends Walked {
  readonly kind: 'unknown';
  readonly table: 'ept' | 'sppt' | 've-info';
  /** The level of the entry; 0 for the virtualization-exception information area. */
  readonly level: Level | 0;
  readonly address: bigint;
}

/** What becomes of an access. Exactly one of these. */
export type Outcome =
  | Allowed
  | EptViolation
  | VirtualizationException
  | EptMisconfig
  | SppMiss
  | SppMisconfig
  | PmlFull
  | VmEntryFail
  | Unknown;
export type OutcomeKind = Outcome['kind'];
