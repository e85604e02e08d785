import { type AddressRange, BLOCK_SIZE, OwnerId, PAGE_SIZE, type Vm } from '../../model/pkvm/index.ts';

/** The addresses of a system, its guests and its CPUs: what everything else is made from. */
export interface Places {
  readonly vms: readonly Vm[];
  /** RAM, by host physical address. */
  readonly pages: readonly bigint[];
  readonly gpas: readonly bigint[];
  readonly mmio: readonly bigint[];
  /** CPU numbers, from 0. */
  readonly cpus: readonly number[];
}

/** How many there are of each. */
export interface Counts {
  readonly pages: number;
  /** Guest pages of each guest. */
  readonly gpas: number;
  readonly protected: number;
  readonly normal: number;
  readonly mmio?: number;
  readonly cpus?: number;
}

/** What the members are called: the address or id of the one at each place, from 0. */
export interface Numbering {
  readonly page: (at: number) => bigint;
  readonly gpa: (at: number) => bigint;
  readonly guest: (at: number) => number;
}

const pagesFrom =
  (first: bigint) =>
  (at: number): bigint =>
    first + BigInt(at) * PAGE_SIZE;

/** One after the other, so that an hpa, a gpa and an MMIO page are never mistaken for one another. */
export const plain: Numbering = {
  page: pagesFrom(0x3000n),
  gpa: pagesFrom(0x1_0000n),
  guest: at => OwnerId.firstGuest + at,
};

/** The pages of one 2-MByte region, aligned to its size. */
export const inRegion: Numbering = {
  ...plain,
  page: pagesFrom(4n * BLOCK_SIZE),
  gpa: pagesFrom(8n * BLOCK_SIZE),
};

const odd =
  <T>(first: readonly T[], others: (at: number) => T) =>
  (at: number): T =>
    first[at] ?? others(at - first.length);

/** 4 GByte: where an address stops to fit 32 bits. */
const FOUR_GBYTE = 1n << 32n;

/**
 * Numbers that a mask or a shift that is too narrow takes for one another: guests 15, 16, 17 and the largest id of 20
 * bits; pages on both sides of 2 MByte and of 4 GByte. Any number of members, none twice.
 */
export const adversarial: Numbering = {
  page: odd(
    [BLOCK_SIZE - PAGE_SIZE, BLOCK_SIZE, FOUR_GBYTE - PAGE_SIZE, FOUR_GBYTE, FOUR_GBYTE + BLOCK_SIZE],
    plain.page,
  ),
  gpa: odd(
    [2n * BLOCK_SIZE - PAGE_SIZE, 2n * BLOCK_SIZE, 2n * FOUR_GBYTE - PAGE_SIZE, 2n * FOUR_GBYTE],
    plain.gpa,
  ),
  // 2 to 14 come last: they are what every profile has
  guest: odd([16, 15, 17, (1 << 20) - 1, 2, 3], at => (at < 11 ? 4 + at : 7 + at)),
};

const mmioPage = pagesFrom(0xfee0_0000n);
const each = <T>(count: number, of: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => of(at));

/** The members of a system. The first guests are the protected ones. */
export function placesOf(counts: Counts, numbering: Numbering = plain): Places {
  return {
    vms: each(counts.protected + counts.normal, at => ({
      id: numbering.guest(at),
      kind: at < counts.protected ? 'protected' : 'normal',
    })),
    pages: each(counts.pages, numbering.page),
    gpas: each(counts.gpas, numbering.gpa),
    mmio: each(counts.mmio ?? 0, mmioPage),
    cpus: each(counts.cpus ?? 0, at => at),
  };
}

/** The address ranges that pages make up, one after the other: neighbours are one range. */
export function rangesOfPages(pages: readonly bigint[]): readonly AddressRange[] {
  const ranges: AddressRange[] = [];
  for (const page of pages) {
    const last = ranges.at(-1);
    if (last?.end === page) ranges.splice(-1, 1, { start: last.start, end: page + PAGE_SIZE });
    else ranges.push({ start: page, end: page + PAGE_SIZE });
  }
  return ranges;
}
