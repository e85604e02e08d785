import type { Slot } from '../../checker/index.ts';
import { groupedHex } from '../../model/bits/index.ts';
import { GuestPhysicalAddress } from '../../model/ept/index.ts';
import type { WordClass } from './classes.ts';

/** MAXPHYADDR of the processor. */
export const addressWidth = 46;

type EptLevel = 1 | 2 | 3 | 4 | 5;
type SpptLevel = 1 | 2 | 3 | 4;

/** Where the tables of one walk lie, a page each, and the pages that its leaves map. */
export interface ImagePlaces {
  readonly ept: Readonly<Record<EptLevel, bigint>>;
  readonly sppt: Readonly<Record<SpptLevel, bigint>>;
  readonly page: Readonly<Record<'4K' | '2M' | '1G', bigint>>;
}

/** Where the tables and pages of the image lie. */
export const at = {
  ept: { 5: 0x0f000n, 4: 0x10000n, 3: 0x11000n, 2: 0x12000n, 1: 0x13000n },
  sppt: { 4: 0x20000n, 3: 0x21000n, 2: 0x22000n, 1: 0x23000n },
  page: { '4K': 0x1234_5000n, '2M': 0x2_0040_0000n, '1G': 0x3_c000_0000n },
  pmlLog: 0x5_0000n,
  veInfo: 0x6_0000n,
} as const satisfies ImagePlaces & Readonly<Record<'pmlLog' | 'veInfo', bigint>>;

/** The index of every level is another one, so that none can stand for another. */
const indices = { 5: 1, 4: 2, 3: 3, 2: 5, 1: 7 } as const;

/** A guest-physical address in the one page that the image maps. */
export const gpaAt = (offset: number, levels: 4 | 5): bigint =>
  GuestPhysicalAddress.encode({
    index5: levels === 5 ? indices[5] : 0,
    index4: indices[4],
    index3: indices[3],
    index2: indices[2],
    index1: indices[1],
  }) + BigInt(offset);

/** Where the entry lies that the walk of that page reads. */
export const eptEntryAt = (level: EptLevel): bigint => at.ept[level] + 8n * BigInt(indices[level]);
export const spptEntryAt = (level: SpptLevel): bigint => at.sppt[level] + 8n * BigInt(indices[level]);

/** One word that the system varies: an entry, or a field beside the tables. */
export interface WordSlot extends Slot<bigint> {
  /** Where it lies in physical memory; `undefined` for a VMCS field. */
  readonly address: bigint | undefined;
  readonly classes: readonly [WordClass, ...WordClass[]];
  /** Whether a word is the one that the slot starts with: a lens, so that all others are one case. */
  readonly isInitial: (word: bigint) => boolean;
}

/** A slot that starts in the first of its classes. */
export function wordSlot(
  name: string,
  address: bigint | undefined,
  classes: readonly [WordClass, ...WordClass[]],
): WordSlot {
  return {
    name,
    address,
    classes,
    initial: classes[0].word,
    isInitial: word => word === classes[0].word,
    show: word => `${groupedHex(word)} ${classes.find(one => one.word === word)?.name ?? ''}`.trimEnd(),
  };
}
