/** What one place of a pasted text says, in the terms of the architecture. Readers give facts and never judge. */
export type FactContent =
  | { readonly kind: 'field'; readonly field: VmcsField; readonly value: bigint }
  /** A number whose digits can be read in two ways, and nothing in the format says which. */
  | { readonly kind: 'ambiguous'; readonly field: VmcsField; readonly digits: string }
  | {
      readonly kind: 'entry';
      readonly word: bigint;
      /** 1 for a PTE; absent where the format lists entries from the root down without a number. */
      readonly level?: number;
      readonly gpa?: bigint;
    }
  /** The guest-physical address that the entries after it are for. */
  | { readonly kind: 'hierarchy'; readonly gpa: bigint }
  | {
      readonly kind: 've-info';
      readonly reason: bigint;
      readonly qualification: bigint;
      readonly gla: bigint;
      readonly gpa: bigint;
    }
  | { readonly kind: 'capability'; readonly word: bigint }
  | {
      readonly kind: 'exit';
      readonly reason: string;
      readonly qualification: bigint;
      /** IDT-vectoring information where the trace prints it. */
      readonly vectoring: bigint;
      readonly who: string;
    }
  | { readonly kind: 'fault'; readonly gpa: bigint; readonly qualification: bigint; readonly who: string }
  | {
      readonly kind: 'guest-page';
      readonly gpa?: bigint;
      readonly gla?: bigint;
      readonly userAddress?: bigint;
    }
  | { readonly kind: 'pkvm'; readonly what: PkvmPrint; readonly address?: bigint; readonly ret?: number }
  /** Reserved bits as the hypervisor itself computed them. */
  | { readonly kind: 'reserved-said'; readonly word: bigint; readonly level: number; readonly mask: bigint }
  | { readonly kind: 'other-architecture'; readonly what: 'AMD' | 'shadow paging' };

export type VmcsField =
  | 'exitReason'
  | 'exitQualification'
  | 'guestPhysicalAddress'
  | 'guestLinearAddress'
  | 'idtVectoring'
  | 'eptp'
  | 'spptp'
  | 'secondaryControls'
  | 'veInformationAddress'
  | 'pmlAddress'
  | 'guestRip';

/** What pKVM itself prints. */
export type PkvmPrint =
  'host touched protected memory' | 'map failed' | 'call failed' | 'page state mismatch';

/** A fact, and where it was read. */
export type Fact = FactContent & {
  readonly line: number;
  /** The name of the reader. */
  readonly by: string;
};

/** Reads one format, a line at a time. */
export interface LineReader {
  readonly name: string;
  /** What it reads, as a person says it. */
  readonly about: string;
  /** Up to three lines that it reads, for docs/evidence.md. */
  readonly sample: readonly string[];
  /** What the line says; `undefined` where it is none of this format. `[]`: it is, and says nothing of use. */
  read(line: Payload): readonly FactContent[] | undefined;
}

/** A line without what mail programs, loggers and tracers put around it. */
export interface Payload {
  /** From 1, in the text as it was pasted. */
  readonly number: number;
  /** As it was written, without marks of quotation and in one piece. */
  readonly line: string;
  readonly text: string;
  /** The event of a tracer, and the task and processor that it happened on. */
  readonly event?: string;
  readonly task?: string;
}

export const hexOf = (digits: string): bigint =>
  BigInt(`0x${digits.replace(/^0x/i, '').replace(/[`_]/g, '')}`);
