import { GuestPhysicalAddress } from '../../model/ept/index.ts';
import { addressWidth, at, gpaAt, type ImagePlaces } from '../../systems/spp-walk/image.ts';

/** What the vectors are fitted to: a processor's width, one guest page, and where tables and pages may lie. */
export interface VectorPlaces {
  /** MAXPHYADDR. */
  readonly maxphyaddr: number;
  /** The guest-physical address of the page that is accessed. */
  readonly gpa: bigint;
  readonly at: ImagePlaces;
}

/** The places of the vectors that are fitted to no machine. */
export const usualPlaces: VectorPlaces = { maxphyaddr: addressWidth, gpa: gpaAt(0, 4), at };

/** From the EPT's root on: its four pages, and 64 KBytes above them those of the SPPT. */
const pageOf = (base: bigint, at: number): bigint => base + BigInt(at) * 0x1000n;
const spptFrom = 0x10;
/** How much of memory the tables take from their base on. */
export const tablesBytes = BigInt(spptFrom + 4) * 0x1000n;

/** The tables of an image from `base` on, in the order of the walk. */
export const placesFrom = (base: bigint, page: ImagePlaces['page']): ImagePlaces => ({
  ept: {
    5: at.ept[5],
    4: base,
    3: pageOf(base, 1),
    2: pageOf(base, 2),
    1: pageOf(base, 3),
  },
  sppt: {
    4: pageOf(base, spptFrom),
    3: pageOf(base, spptFrom + 1),
    2: pageOf(base, spptFrom + 2),
    1: pageOf(base, spptFrom + 3),
  },
  page,
});

/** Where the entries lie that the walk of a guest page reads. */
export function entriesOf({ gpa, at: { ept, sppt } }: VectorPlaces) {
  const { index4, index3, index2, index1 } = GuestPhysicalAddress.decode(gpa);
  const index = { 4: index4, 3: index3, 2: index2, 1: index1 } as const;
  return {
    ept: (level: 1 | 2 | 3 | 4): bigint => ept[level] + 8n * BigInt(index[level]),
    sppt: (level: 1 | 2 | 3 | 4): bigint => sppt[level] + 8n * BigInt(index[level]),
  };
}

/** Why vectors cannot be fitted to these places; `undefined` where they can. */
export function misplaced({ maxphyaddr, gpa, at: { ept, sppt, page } }: VectorPlaces): string | undefined {
  const pages: readonly (readonly [string, bigint, bigint])[] = [
    ['a table', ept[4], 0x1000n],
    ['a table', sppt[1], 0x1000n],
    ['the 4-KByte page', page['4K'], 0x1000n],
    ['the 2-MByte page', page['2M'], 0x20_0000n],
    ['the 1-GByte page', page['1G'], 0x4000_0000n],
  ];
  for (const [what, address, size] of pages) {
    if (address % size !== 0n) return `${what} at 0x${address.toString(16)} is not aligned`;
    if (address >= 2n ** BigInt(maxphyaddr))
      return `${what} at 0x${address.toString(16)} lies beyond ${maxphyaddr} address bits`;
  }
  if (gpa % 0x1000n !== 0n || gpa >= 2n ** 48n)
    return `the guest-physical address of a page has 48 bits and ends with 000, unlike 0x${gpa.toString(16)}`;
  return undefined;
}
