import { type WalkAccess, walkAccess } from '../access.ts';
import {
  type EptClass,
  misconfigured,
  sppt,
  type SpptClass,
  subPages,
  vector,
  type VectorClass,
} from '../classes.ts';
import { addressWidth, at, gpaAt, spptEntryAt, wordSlot } from '../image.ts';
import { eptSlot, page, quietSppt, spptSlot, spptValid, table, vectorSlot } from '../tables.ts';
import type { Theme } from '../theme.ts';

const power = (bit: number): bigint => 2n ** BigInt(bit);
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A well-formed entry and its variants: each reserved bit set, each ignored bit set. */
const variants = (
  good: EptClass,
  reserved: readonly number[],
  ignored: readonly number[],
): [EptClass, ...EptClass[]] => [
  good,
  ...reserved.map(bit => misconfigured(`${good.name}, bit ${bit}`, good.word + power(bit))),
  ...ignored.map(bit => ({
    ...good,
    name: `${good.name}, ignored bit ${bit}`,
    word: good.word + power(bit),
    bit60: good.bit60 || bit === 60,
    bit63: good.bit63 || bit === 63,
  })),
];

const beyond = range(addressWidth, 51);
const ignoredHigh = range(52, 63);
// bit 7 of a PDPTE or PDE makes it a page, bits 8 and 9 are flags that are off here, bit 10 needs its control
const ignoredInTable = [8, 9, 10, 11, ...ignoredHigh];
const ignoredInLargePage = [6, 8, 9, 10, 11, ...ignoredHigh];

const spptVariants = (level: 4 | 3 | 2): [SpptClass, ...SpptClass[]] => [
  spptValid(level),
  ...[...range(1, 11), ...beyond, ...ignoredHigh].map(bit =>
    sppt('misconfigured', `bit ${bit}`, spptValid(level).word + power(bit)),
  ),
  // not valid, and then no reserved bit counts
  ...[...range(1, 11), ...beyond, ...ignoredHigh].map(bit =>
    sppt('not_valid', `bit ${bit}`, spptValid(level).word - 1n + power(bit)),
  ),
];

const vectorVariants: [VectorClass, ...VectorClass[]] = [
  vector('all writable', subPages),
  ...subPages.map(i => vector(`all writable, odd bit of ${i}`, subPages, [i])),
  ...subPages.map(i => vector(`only ${i}`, [i])),
  ...subPages.map(i =>
    vector(
      `all but ${i}`,
      subPages.filter(one => one !== i),
    ),
  ),
];

const inPage = (offset: number): bigint => gpaAt(offset, 5);
const reads = walkAccess({ name: 'read', kind: 'read', asks: ['read'] }, inPage);
const writeTo = (i: number): WalkAccess =>
  walkAccess(
    { name: `write to sub-page ${i}`, kind: 'write', asks: ['write'], offset: 128 * i, subPages: [i] },
    inPage,
  );

/** Every single reserved bit and every single ignored bit of every format. */
export const bitsTheme: Theme = {
  name: 'bits',
  endings: ['allowed', 'ept_misconfig', 'spp_miss', 'spp_misconfig'],
  about: 'every single reserved or ignored bit of every format',
  levels: 5,
  flags: false,
  cpu: {
    eptp: at.ept[5] + 0x26n, // 5 levels, write-back
    spptp: at.sppt[4],
    maxPhysicalAddressWidth: addressWidth,
    controls: { spp: true },
  },
  fields: {},
  ept: {
    5: eptSlot(5, ...variants(table(5, 'rwx'), [...range(3, 7), ...beyond], ignoredInTable)),
    4: eptSlot(4, ...variants(table(4, 'rwx'), [...range(3, 7), ...beyond], ignoredInTable)),
    3: eptSlot(
      3,
      ...variants(table(3, 'rwx'), [...range(3, 6), ...beyond], ignoredInTable),
      ...variants(page(3, 'r-x'), [...range(12, 29), ...beyond], ignoredInLargePage),
    ),
    2: eptSlot(
      2,
      ...variants(table(2, 'rwx'), [...range(3, 6), ...beyond], ignoredInTable),
      ...variants(page(2, 'r-x'), [...range(12, 20), ...beyond], ignoredInLargePage),
    ),
    1: eptSlot(
      1,
      ...variants(page(1, 'r-x', ['bit61']), beyond, [6, 7, 8, 9, 10, 11, ...range(52, 60), 62, 63]),
      ...[0, 2, 3, 7].map(type => {
        const word = page(1, 'r-x', ['bit61']).word - 0x30n + BigInt(type) * 8n;
        return type === 0
          ? { ...page(1, 'r-x', ['bit61']), name: 'page r-x bit61 uncacheable', word }
          : misconfigured(`memory type ${type}`, word);
      }),
    ),
  },
  sppt: {
    4: spptSlot(4, ...spptVariants(4)),
    3: spptSlot(3, ...spptVariants(3)),
    2: spptSlot(2, ...spptVariants(2)),
    1: vectorSlot('all'),
  },
  written: [],
  accesses: [reads, writeTo(5)],
};

/** Every one-hot and every one-cold vector, and every odd bit, under a write to every sub-page. */
export const vectorsTheme: Theme = {
  ...bitsTheme,
  name: 'vectors',
  endings: ['allowed', 'ept_violation', 'spp_misconfig'],
  about: 'every one-hot and one-cold vector and every odd bit, under writes to every sub-page',
  sppt: { ...quietSppt, 1: wordSlot('SPPT L1E', spptEntryAt(1), vectorVariants) },
  ept: {
    5: eptSlot(5, table(5, 'rwx')),
    4: eptSlot(4, table(4, 'rwx')),
    3: eptSlot(3, table(3, 'rwx')),
    2: eptSlot(2, table(2, 'rwx')),
    1: eptSlot(1, page(1, 'r-x', ['bit61'])),
  },
  accesses: [reads, ...subPages.map(writeTo)],
};
