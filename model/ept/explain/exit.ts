import type { Field } from '../../bits/index.ts';
import { maskOf } from '../../bits/index.ts';
import { SppQualification } from '../spp/qualification.ts';
import { PmlFullQualification, ViolationQualification } from '../qualification.ts';

/** Basic exit reasons of which a walk is the cause. SDM vol. 3C, appendix "VMX Basic Exit Reasons"; seed 001. */
export const walkExitReasons = {
  48: 'EPT violation',
  49: 'EPT misconfiguration',
  62: 'page-modification log full',
  66: 'SPP-related event',
} as const;
export type WalkExitReason = keyof typeof walkExitReasons;

/** What one bit of an exit qualification says. */
export interface ExplainedBit {
  readonly bit: number;
  readonly field: string;
  readonly isSet: boolean;
  readonly meaning: string;
}

export interface Explanation {
  readonly reason: WalkExitReason;
  readonly name: string;
  readonly bits: readonly ExplainedBit[];
  /** Bits that are set although they are reserved: no processor reports that. */
  readonly reservedBits: bigint;
  /** What the bits say together. */
  readonly notes: readonly string[];
}

/** What each bit says when it is 1, and when it is 0. */
type Meanings = Readonly<Record<string, readonly [set: string, clear: string]>>;

const nmiUnblocking = [
  'the access belongs to an IRET that unblocks NMIs',
  'no NMI unblocking due to IRET',
] as const;

const violationMeanings: Meanings = {
  read: ['the access is a data read', 'not a data read'],
  write: ['the access is a data write', 'not a data write'],
  execute: ['the access is an instruction fetch', 'not an instruction fetch'],
  readable: ['every EPT entry used permits reads', 'some EPT entry permits no reads, or is not present'],
  writable: ['every EPT entry used permits writes', 'some EPT entry permits no writes, or is not present'],
  executable: [
    'every EPT entry used permits execution (with mode-based execute control: supervisor-mode)',
    'some EPT entry permits no execution, or is not present',
  ],
  executableUser: [
    'every EPT entry used permits user-mode execution (undefined without mode-based execute control)',
    'no user-mode execution (undefined without mode-based execute control)',
  ],
  linearValid: ['the guest linear-address field is valid', 'there is no guest linear address'],
  finalTranslation: [
    'an access to the translation of the linear address',
    'an access to a guest paging structure, or an update of its accessed or dirty flag',
  ],
  linearUser: [
    'a user-mode linear address',
    'a supervisor-mode linear address (undefined without advanced information)',
  ],
  linearWritable: [
    'the guest page is read/write',
    'the guest page is read-only (undefined without advanced information)',
  ],
  linearNx: [
    'the guest page is execute-disable',
    'the guest page is executable (undefined without advanced information)',
  ],
  nmiUnblocking,
  shadowStack: ['a shadow-stack access', 'not a shadow-stack access'],
  shadowStackPage: [
    'the EPT leaf is a supervisor shadow-stack page',
    'the EPT leaf is no supervisor shadow-stack page (undefined where no leaf was reached)',
  ],
  guestPagingVerification: [
    'caused by guest-paging verification',
    'not caused by guest-paging verification',
  ],
  asynchronous: ['asynchronous to instruction execution', 'not asynchronous to instruction execution'],
};

const sppMeanings: Meanings = {
  miss: [
    'SPPT miss: an L4E, L3E or L2E is not valid',
    'SPPT misconfiguration: an entry has reserved bits set',
  ],
  nmiUnblocking,
};

const pmlMeanings: Meanings = { nmiUnblocking };

const explainBits = (
  fields: Readonly<Record<string, Field>>,
  meanings: Meanings,
  word: bigint,
): readonly ExplainedBit[] =>
  Object.entries(meanings).flatMap(([name, [set, clear]]) => {
    const field = fields[name];
    if (field === undefined) throw new RangeError(`there is no bit named ${name}`);
    const isSet = (word & maskOf(field)) !== 0n;
    return [{ bit: field.lo, field: name, isSet, meaning: isSet ? set : clear }];
  });

function violationNotes(word: bigint): readonly string[] {
  const says = ViolationQualification.decode(word);
  const notes: string[] = [];
  if (!says.readable && !says.writable && !says.executable && !says.executableUser) {
    notes.push('No right at all: most likely an entry that is not present.');
  }
  if (says.write && says.readable && !says.writable && says.finalTranslation) {
    notes.push(
      'A write to a page that is readable and not writable: if bit 61 of its 4-KByte leaf is set and sub-page ' +
        'write permissions are enabled, this is a sub-page denial, which has no bit of its own.',
    );
  }
  if (says.read && says.write && says.linearValid && !says.finalTranslation) {
    notes.push('A guest page walk that counts as a write: EPT accessed and dirty flags, or an A/D update.');
  }
  if (says.finalTranslation && !says.linearValid) {
    notes.push('Bit 8 has no meaning without bit 7: no processor reports this.');
  }
  if (!says.read && !says.write && !says.execute)
    notes.push('No kind of access: no processor reports this.');
  return notes;
}

/** What an exit qualification says, bit by bit. `word` is a 64-bit word. */
export function explainExit(reason: WalkExitReason, word: bigint): Explanation {
  const name = walkExitReasons[reason];
  switch (reason) {
    case 48: {
      const reservedBits = ViolationQualification.reservedBits(word, 52);
      const bits = explainBits(ViolationQualification.fields, violationMeanings, word);
      return { reason, name, bits, reservedBits, notes: violationNotes(word) };
    }
    case 49:
      return {
        reason,
        name,
        bits: [],
        reservedBits: 0n,
        notes: ['No bit of the qualification is defined.'],
      };
    case 62: {
      const reservedBits = PmlFullQualification.reservedBits(word, 52);
      return {
        reason,
        name,
        bits: explainBits(PmlFullQualification.fields, pmlMeanings, word),
        reservedBits,
        notes: [],
      };
    }
    case 66: {
      const reservedBits = SppQualification.reservedBits(word, 52);
      return {
        reason,
        name,
        bits: explainBits(SppQualification.fields, sppMeanings, word),
        reservedBits,
        notes: [],
      };
    }
  }
}
