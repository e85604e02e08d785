import { bits, ignored, layout } from '../bits/index.ts';

/**
 * A guest-physical address as the two walks cut it up: an index per level, the 128-byte sub-page, the byte. SDM
 * vol. 3C, "EPT Translation Mechanism"; seed 001: "bits 11:7 of the address accessed" is seed 003's wording.
 * A 4-level walk does not look at bits 56:48.
 */
export const GuestPhysicalAddress = layout('GuestPhysicalAddress', {
  _63_57: ignored(63, 57),
  index5: bits(56, 48),
  index4: bits(47, 39),
  index3: bits(38, 30),
  index2: bits(29, 21),
  index1: bits(20, 12),
  subPage: bits(11, 7),
  byte: bits(6, 0),
});

/** The bytes of a page and of a sub-page. */
export const pageBytes = 4096n;
export const subPageBytes = 128n;

/** Whether an address can be a guest-physical one at all: at most 52 bits. */
export const isGuestPhysicalAddress = (address: bigint): boolean => BigInt.asUintN(52, address) === address;
