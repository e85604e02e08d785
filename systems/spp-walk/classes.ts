/**
 * The classes of words that a walk can meet, each with one word that belongs to it and what the specification says
 * of it, written down by hand. Nothing here asks the model: the machines are run over these classes, and the model
 * over the words.
 */

export interface EntryRights {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Bit 10, where mode-based execute control makes it a right. */
  readonly executeUser: boolean;
}

interface Named {
  readonly name: string;
  readonly word: bigint;
}

export interface EptClass extends Named {
  readonly of: 'ept';
  readonly is: 'not_present' | 'misconfigured' | 'table' | 'page';
  readonly rights: EntryRights;
  readonly bit60: boolean;
  readonly bit61: boolean;
  readonly bit63: boolean;
}

export interface SpptClass extends Named {
  readonly of: 'sppt';
  readonly is: 'valid' | 'not_valid' | 'misconfigured';
}

export interface VectorClass extends Named {
  readonly of: 'vector';
  readonly hasOddBits: boolean;
  readonly isWritable: (subPage: number) => boolean;
}

/** A VMCS field or another word beside the tables: good, or bad in the way that its theme is about. */
export interface FieldClass extends Named {
  readonly of: 'field';
  readonly isGood: boolean;
}

export type WordClass = EptClass | SpptClass | VectorClass | FieldClass;

/** `rwx`, `r-x`, and with a `u` for bit 10: `r--u`. */
const rightsNamed = (letters: string): EntryRights => ({
  read: letters.includes('r'),
  write: letters.includes('w'),
  execute: letters.includes('x'),
  executeUser: letters.includes('u'),
});

const rightBits = { read: 0x1n, write: 0x2n, execute: 0x4n, executeUser: 0x400n } as const;
const wordOfRights = (rights: EntryRights): bigint =>
  (rights.read ? rightBits.read : 0n) +
  (rights.write ? rightBits.write : 0n) +
  (rights.execute ? rightBits.execute : 0n) +
  (rights.executeUser ? rightBits.executeUser : 0n);

const bitNamed = { bit60: 2n ** 60n, bit61: 2n ** 61n, bit63: 2n ** 63n } as const;
type BitName = keyof typeof bitNamed;

/** A well-formed EPT entry: the word without rights and without the high bits, the rights, the high bits set. */
export function eptEntry(
  is: 'table' | 'page',
  base: bigint,
  letters: string,
  bits: readonly BitName[] = [],
): EptClass {
  const rights = rightsNamed(letters);
  return {
    of: 'ept',
    name: [`${is} ${letters}`, ...bits].join(' '),
    is,
    word: base + wordOfRights(rights) + bits.reduce((sum, bit) => sum + bitNamed[bit], 0n),
    rights,
    bit60: bits.includes('bit60'),
    bit61: bits.includes('bit61'),
    bit63: bits.includes('bit63'),
  };
}

const noRights = rightsNamed('');

/** An entry that is not present, whatever its other bits; only bit 63 is ever looked at. */
export const notPresent = (name: string, word: bigint, bit63 = false): EptClass => ({
  of: 'ept',
  name: `not present ${name}`,
  is: 'not_present',
  word,
  rights: noRights,
  bit60: false,
  bit61: false,
  bit63,
});

/** A present entry that is a misconfiguration. */
export const misconfigured = (name: string, word: bigint): EptClass => ({
  of: 'ept',
  name: `misconfigured ${name}`,
  is: 'misconfigured',
  word,
  rights: noRights,
  bit60: false,
  bit61: false,
  bit63: false,
});

export const sppt = (is: SpptClass['is'], name: string, word: bigint): SpptClass => ({
  of: 'sppt',
  name: `${is.replace('_', ' ')} ${name}`.trim(),
  is,
  word,
});

/** A vector in which exactly these sub-pages are writable, and exactly these odd bits are set. */
export function vector(
  name: string,
  writable: readonly number[],
  oddBitsOf: readonly number[] = [],
): VectorClass {
  const even = writable.reduce((sum, i) => sum + 4n ** BigInt(i), 0n);
  const odd = oddBitsOf.reduce((sum, i) => sum + 2n * 4n ** BigInt(i), 0n);
  return {
    of: 'vector',
    name,
    word: even + odd,
    hasOddBits: oddBitsOf.length > 0,
    isWritable: subPage => writable.includes(subPage),
  };
}

export const field = (name: string, word: bigint, isGood: boolean): FieldClass => ({
  of: 'field',
  name,
  word,
  isGood,
});

/** The 32 sub-page numbers. */
export const subPages: readonly number[] = Array.from({ length: 32 }, (_, i) => i);
