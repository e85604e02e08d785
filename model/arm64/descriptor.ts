import { address, bit, bits, ignored, layout, reserved } from '../bits/index.ts';

/**
 * arm64 stage-2 descriptors of the 4-KByte granule, as pKVM builds them. facts/arm64-live.md 5.
 *
 * Bits 1:0 say what a descriptor is: 11 a table above level 3 and a page at level 3, 01 a block, and bit 0 clear means
 * invalid, whatever the other bits: pKVM annotates those (see annotation.ts).
 */
export type Level = -1 | 0 | 1 | 2 | 3;

/** How many bytes of input address one entry of a level covers, as a power of two. */
export const entryShift = (level: Level): number => 12 + 9 * (3 - level);

const upperAttributes = {
  dbm: bit(51), // dirty-bit modifier: with HD, the descriptor is writable-clean
  contiguous: bit(52),
  executeNever: bits(54, 53), // XN: 0 executable, 1 at EL0 only, 2 nowhere, 3 at EL1 only
  software: bits(58, 55), // where pKVM keeps the page state
  _63_59: ignored(63, 59),
};

const lowerAttributes = {
  valid: bit(0),
  isTableOrPage: bit(1),
  memoryAttributes: bits(5, 2), // 0xf normal write-back, 0x7 with FWB
  read: bit(6), // S2AP 0
  write: bit(7), // S2AP 1
  accessFlag: bit(10),
  _11: ignored(11),
};

const plain = { shareability: bits(9, 8), _50_48: reserved(50, 48) };
/** With DS = 1 the shareability comes from VTCR_EL2, and bits 9:8 are address bits 51:50. */
const withDs = { address51_50: bits(9, 8), _50: reserved(50) };

export const Stage2Table = layout('Stage2Table', {
  valid: bit(0),
  isTableOrPage: bit(1),
  _11_2: ignored(11, 2),
  table: address(47, 12),
  _50_48: reserved(50, 48),
  _63_51: ignored(63, 51),
});
export const Stage2TableLpa2 = layout('Stage2TableLpa2', {
  valid: bit(0),
  isTableOrPage: bit(1),
  _7_2: ignored(7, 2),
  address51_50: bits(9, 8),
  _11_10: ignored(11, 10),
  table: address(49, 12),
  _50: reserved(50),
  _63_51: ignored(63, 51),
});

export const Stage2Page = layout('Stage2Page', {
  ...lowerAttributes,
  ...plain,
  page: address(47, 12),
  ...upperAttributes,
});
export const Stage2PageLpa2 = layout('Stage2PageLpa2', {
  ...lowerAttributes,
  ...withDs,
  page: address(49, 12),
  ...upperAttributes,
});

/** Blocks: the address bits below the block's size are reserved, but for bit 16 (nT). */
const blockLow = { _15_12: reserved(15, 12), _16: ignored(16) };
export const Stage2Block2M = layout('Stage2Block2M', {
  ...lowerAttributes,
  ...plain,
  ...blockLow,
  _20_17: reserved(20, 17),
  page: address(47, 21),
  ...upperAttributes,
});
export const Stage2Block1G = layout('Stage2Block1G', {
  ...lowerAttributes,
  ...plain,
  ...blockLow,
  _29_17: reserved(29, 17),
  page: address(47, 30),
  ...upperAttributes,
});
export const Stage2Block2MLpa2 = layout('Stage2Block2MLpa2', {
  ...lowerAttributes,
  ...withDs,
  ...blockLow,
  _20_17: reserved(20, 17),
  page: address(49, 21),
  ...upperAttributes,
});
export const Stage2Block1GLpa2 = layout('Stage2Block1GLpa2', {
  ...lowerAttributes,
  ...withDs,
  ...blockLow,
  _29_17: reserved(29, 17),
  page: address(49, 30),
  ...upperAttributes,
});
export const Stage2Block512GLpa2 = layout('Stage2Block512GLpa2', {
  ...lowerAttributes,
  ...withDs,
  ...blockLow,
  _38_17: reserved(38, 17),
  page: address(49, 39),
  ...upperAttributes,
});

/** What a descriptor is at a level. `reserved`: valid, but of no kind there: the hardware takes it for invalid. */
export type Kind = 'invalid' | 'reserved' | 'table' | 'block' | 'page';

/** facts/arm64-live.md 5: "table (bits 1:0 = 11, level < 3)", "block (01, levels 1, 2), page (11, level 3)". */
export function kindOf(word: bigint, level: Level, lpa2: boolean): Kind {
  if (!Stage2Page.get(word, 'valid')) return 'invalid';
  const isTableOrPage = Stage2Page.get(word, 'isTableOrPage');
  if (level === 3) return isTableOrPage ? 'page' : 'reserved';
  if (isTableOrPage) return 'table';
  return level >= 1 || (level === 0 && lpa2) ? 'block' : 'reserved';
}

/** The table that a table descriptor refers to. */
export const tableOf = (word: bigint, lpa2: boolean): bigint =>
  lpa2
    ? withHighBits(Stage2TableLpa2.get(word, 'table'), Stage2TableLpa2.get(word, 'address51_50'))
    : Stage2Table.get(word, 'table');

/** The layout of a block or page at a level; levels without blocks have that of a page. */
const leafLayouts = { 0: Stage2Page, 1: Stage2Block1G, 2: Stage2Block2M, 3: Stage2Page } as const;
const leafLayoutsLpa2 = {
  0: Stage2Block512GLpa2,
  1: Stage2Block1GLpa2,
  2: Stage2Block2MLpa2,
  3: Stage2PageLpa2,
} as const;

const withHighBits = (low: bigint, address51_50: number): bigint => low | (BigInt(address51_50) << 50n);

/** The first byte that a block or a page maps. */
export function outputOf(word: bigint, level: Level, lpa2: boolean): bigint {
  const at = level < 0 ? 0 : (level as 0 | 1 | 2 | 3);
  if (!lpa2) return leafLayouts[at].get(word, 'page');
  const format = leafLayoutsLpa2[at];
  return withHighBits(format.get(word, 'page'), format.get(word, 'address51_50'));
}

/** The reserved bits that are set in a block or a page. */
export function reservedBitsOf(word: bigint, level: Level, lpa2: boolean): bigint {
  const at = level < 0 ? 0 : (level as 0 | 1 | 2 | 3);
  return (lpa2 ? leafLayoutsLpa2[at] : leafLayouts[at]).reservedBits(word, 52);
}

/** What a leaf permits and how: the attributes lie at the same bits in every block and page. */
export interface Attributes {
  readonly read: boolean;
  readonly write: boolean;
  /** Whether instructions may be fetched at EL1, at EL0. XN 54:53; without FEAT_XNX bit 54 alone counts. */
  readonly executeEl1: boolean;
  readonly executeEl0: boolean;
  readonly accessFlag: boolean;
  readonly dbm: boolean;
  readonly memoryAttributes: number;
}

export function attributesOf(word: bigint): Attributes {
  const { read, write, accessFlag, dbm, memoryAttributes, executeNever } = Stage2Page.decode(word);
  const executeEl1 = executeNever === 0 || executeNever === 3;
  const executeEl0 = executeNever === 0 || executeNever === 1;
  return { read, write, executeEl1, executeEl0, accessFlag, dbm, memoryAttributes };
}

/** `rwx`, `rw-`; `u` executable at EL0 only, `p` at EL1 only. */
export function rightsText({ read, write, executeEl1, executeEl0 }: Attributes): string {
  const execute = executeEl1 ? (executeEl0 ? 'x' : 'p') : executeEl0 ? 'u' : '-';
  return `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute}`;
}
