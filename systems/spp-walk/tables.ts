import {
  eptEntry,
  type EptClass,
  field,
  type FieldClass,
  misconfigured,
  notPresent,
  sppt,
  type SpptClass,
  subPages,
  vector,
} from './classes.ts';
import { at, eptEntryAt, type ImagePlaces, spptEntryAt, wordSlot, type WordSlot } from './image.ts';
import type { FieldName } from './theme.ts';

const writeBack = 0x30n; // memory type 6 in bits 5:3
const largePage = 0x80n; // bit 7
type Bits = Parameters<typeof eptEntry>[3];

/** The well-formed entries of tables that lie at these places. */
export const entriesAt = ({ ept, sppt: sppTables, page: pages }: ImagePlaces) => ({
  /** An entry that references the next table. */
  table: (level: 5 | 4 | 3 | 2, letters: string, bits?: Bits): EptClass =>
    eptEntry('table', ept[level === 5 ? 4 : level === 4 ? 3 : level === 3 ? 2 : 1], letters, bits),
  /** An entry that maps the page of its level. */
  page: (level: 3 | 2 | 1, letters: string, bits?: Bits): EptClass => {
    const base = level === 1 ? pages['4K'] : (level === 2 ? pages['2M'] : pages['1G']) + largePage;
    return eptEntry('page', base + writeBack, letters, bits);
  },
  spptValid: (level: 4 | 3 | 2): SpptClass =>
    sppt('valid', '', sppTables[level === 4 ? 3 : level === 3 ? 2 : 1] + 1n),
});

export const { table, page, spptValid } = entriesAt(at);

/** Not present: zero, and all but bits 2:0, 10 and 63 set. */
export const absent = notPresent('zero', 0n);
export const absentAllElse = notPresent('all else set', 0x7fff_ffff_ffff_fbf8n);
export const absentSuppressed = notPresent('bit 63', 2n ** 63n, true);
export const absentBit10 = notPresent('bit 10', 0x400n);

/** A misconfigured word: that of a well-formed entry and more. */
export const wrong = (name: string, of: EptClass, more: bigint): EptClass =>
  misconfigured(name, of.word + more);

/** A write bit without a read bit. */
export const writeOnly = (of: EptClass): EptClass => misconfigured('-w-', of.word + 2n);

export const spptInvalid = sppt('not_valid', 'zero', 0n);
export const spptInvalidReserved = sppt('not_valid', 'reserved bits set', 0xfff0_0000_0000_0ffen);
export const spptReserved = (level: 4 | 3 | 2): SpptClass =>
  sppt('misconfigured', 'bit 1', spptValid(level).word + 2n);

const allBut = (...denied: number[]): readonly number[] => subPages.filter(i => !denied.includes(i));

export const vectors = {
  all: vector('all writable', subPages),
  none: vector('none writable', []),
  only5: vector('only 5', [5]),
  allBut5: vector('all but 5', allBut(5)),
  allBut6: vector('all but 6', allBut(6)),
  oddBitOf5: vector('all writable, odd bit of 5', subPages, [5]),
  oddBitOf20: vector('none writable, odd bit of 20', [], [20]),
} as const;

const levelNames = { 5: 'PML5E', 4: 'PML4E', 3: 'PDPTE', 2: 'PDE', 1: 'PTE' } as const;

export const eptSlot = (level: 1 | 2 | 3 | 4 | 5, ...classes: [EptClass, ...EptClass[]]): WordSlot =>
  wordSlot(levelNames[level], eptEntryAt(level), classes);

export const spptSlot = (level: 4 | 3 | 2, ...classes: [SpptClass, ...SpptClass[]]): WordSlot =>
  wordSlot(`SPPT L${level}E`, spptEntryAt(level), classes);

export const vectorSlot = (...names: [keyof typeof vectors, ...(keyof typeof vectors)[]]): WordSlot =>
  wordSlot('SPPT L1E', spptEntryAt(1), [vectors[names[0]], ...names.slice(1).map(name => vectors[name])]);

export const fieldSlot = (name: FieldName, ...classes: [FieldClass, ...FieldClass[]]): WordSlot =>
  wordSlot(name, name === 'veInfo' ? at.veInfo : undefined, classes);

/** A bit of state or a control: it starts in the first value. Good where 1. */
export const switchSlot = (name: FieldName, first: 'on' | 'off'): WordSlot => {
  const [on, off] = [field('on', 1n, true), field('off', 0n, false)];
  return first === 'on' ? fieldSlot(name, on, off) : fieldSlot(name, off, on);
};

/** A whole SPPT of which nothing varies but what is named. */
export const quietSppt = {
  4: spptSlot(4, spptValid(4)),
  3: spptSlot(3, spptValid(3)),
  2: spptSlot(2, spptValid(2)),
} as const;
