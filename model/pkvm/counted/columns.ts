import type { TablePages } from './leaf-table.ts';

/**
 * The revisions of the code that counts: everything in which they differ is a column of this one table; the code asks
 * for the column, never for the name. facts/pkvm-2026.md 0.
 */
export interface Columns {
  /** What is asked of a range: that it is aligned, or also that it is not empty and does not wrap. R1. */
  readonly rangeCheck: 'alignment' | 'alignment, size and end';
  /** Whether a protected VM must be finalized before a page is donated to it. */
  readonly donationNeedsFinalized: boolean;
  /** Which pages of the host may be pinned for DMA. */
  readonly pins: 'OWNED' | 'OWNED or SHARED_OWNED';
  /** How guest_share_host and guest_unshare_host know that table pages are there. R8. */
  readonly guestCallMemory: 'memcache asked first' | 'found out on the way, taken back';
  /** What a table page that cannot be had does to a call of the host: R4, or a call that is refused before. */
  readonly hostCallMemory: 'found out on the way, kept' | 'reserved first';
  /** What the pin beyond the last that fits the counter does. */
  readonly pinOverflow: 'BUG' | 'ENOSPC';
  /** Where guest_unshare_host takes a table page from when it has to split a large leaf. */
  readonly unsharePages: TablePages;
  /** What a counter of a record can hold. 65535: it has 16 bits. */
  readonly countMax: number;
}

const g2c: Columns = {
  rangeCheck: 'alignment, size and end',
  donationNeedsFinalized: true,
  pins: 'OWNED or SHARED_OWNED',
  guestCallMemory: 'memcache asked first',
  hostCallMemory: 'found out on the way, kept',
  pinOverflow: 'BUG',
  unsharePages: 'pool or memcache',
  countMax: 0xffff,
};
const g2b: Columns = {
  ...g2c,
  donationNeedsFinalized: false,
  guestCallMemory: 'found out on the way, taken back',
  unsharePages: 'pool',
};

/** The revisions by the tags of the facts; `x86-2026` is the newest, as built; `strict` refuses before it changes. */
export const x86Revisions = {
  G2a: { ...g2b, rangeCheck: 'alignment', pins: 'OWNED' },
  G2b: g2b,
  G2c: g2c,
  strict: { ...g2c, hostCallMemory: 'reserved first', pinOverflow: 'ENOSPC' },
} as const satisfies Record<string, Columns>;
export type X86Revision = keyof typeof x86Revisions;
