import { type AnyLayout, type Field, maskOf } from '../../bits/index.ts';
import { SppQualification } from '../spp/qualification.ts';
import { missingPremise, PmlFullQualification, ViolationQualification } from '../qualification.ts';

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

/** What each bit says, by the words that its layout has for it; `premise` names a bit without which it says nothing. */
const explainBits = (
  layout: Pick<AnyLayout, 'fields'>,
  word: bigint,
  premise: (field: string) => Pick<Field, 'lo'> | undefined = () => undefined,
): readonly ExplainedBit[] =>
  Object.entries(layout.fields).flatMap(([field, { lo, role, words }]) => {
    if (role !== 'value' || words === undefined) return [];
    const isSet = (word & maskOf({ hi: lo, lo })) !== 0n;
    const missing = premise(field);
    const meaning = missing === undefined ? words.says(isSet) : `says nothing: bit ${missing.lo} is 0`;
    return [{ bit: lo, field, isSet, meaning }];
  });

const violationPremise =
  (word: bigint) =>
  (field: string): Pick<Field, 'lo'> | undefined => {
    const missing = missingPremise(word, field);
    return missing === undefined ? undefined : ViolationQualification.fields[missing];
  };

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
      const bits = explainBits(ViolationQualification, word, violationPremise(word));
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
        bits: explainBits(PmlFullQualification, word),
        reservedBits,
        notes: [],
      };
    }
    case 66: {
      const reservedBits = SppQualification.reservedBits(word, 52);
      return {
        reason,
        name,
        bits: explainBits(SppQualification, word),
        reservedBits,
        notes: [],
      };
    }
  }
}
