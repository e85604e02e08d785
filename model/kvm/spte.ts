import { address, bit, bits, ignored, layout } from '../bits/index.ts';
import { EptMemoryType } from '../ept/index.ts';

const common = {
  read: bit(0),
  write: bit(1),
  execute: bit(2),
  memoryType: bits(5, 3),
  ignorePat: bit(6),
  mapsPage: bit(7), // in a PDE: a 2-MByte leaf
  accessed: bit(8),
  dirty: bit(9),
  hostWritable: bit(10), // SPTE_HOST_WRITEABLE: the host maps the page writable
  mmuWritable: bit(11), // SPTE_MMU_WRITEABLE: write access may be restored by a fault, without the MMU lock
  page: address(51, 12),
  subPageWrite: bit(61), // PT_SPP_MASK
  special: bit(62), // SPTE_SPECIAL_MASK: access-tracked
  _63: ignored(63),
};

/**
 * An EPT leaf as KVM writes it: the hardware's fields, and KVM's own bits where the hardware ignores them, with
 * PT64_SECOND_AVAIL_BITS_SHIFT = 54. Access tracking keeps R and X in bits 54 and 56; facts 3.1 for bit 55.
 */
export const KvmSpte = layout('KvmSpte', {
  ...common,
  _53_52: ignored(53, 52),
  accessTrackRead: bit(54), // the R that access tracking took away
  sppSaved: bit(55), // PT64_SPP_SAVED_BIT: the bit 61 that dirty logging or access tracking took away
  accessTrackExecute: bit(56), // the X that access tracking took away
  _60_57: ignored(60, 57),
});

/** The same as the 5.3-era reviews have it: PT64_SECOND_AVAIL_BITS_SHIFT was 52. */
export const KvmSpte53 = layout('KvmSpte53', {
  ...common,
  accessTrackRead: bit(52),
  sppSaved: bit(53),
  accessTrackExecute: bit(54),
  _60_55: ignored(60, 55),
});

const ordinary = {
  read: true,
  execute: true,
  memoryType: EptMemoryType.WB,
  ignorePat: true,
  hostWritable: true,
  mmuWritable: true,
} as const;

/** The leaf of an unprotected page. */
export const plainLeaf = (page: bigint, size: '4K' | '2M', write: boolean): bigint =>
  KvmSpte.encode({ ...ordinary, page, write, mapsPage: size === '2M' });

/** A leaf that hands the question to the SPPT: "EPT write-access bit set to 0 and the SPP bit set to 1" (seed 003). */
export const protectedLeaf = (spte: bigint): bigint =>
  KvmSpte.with(spte, { write: false, subPageWrite: true });

/** Present to KVM, even where access tracking has taken every right away. */
export const isShadowPresent = (spte: bigint): boolean => {
  const { read, write, execute, special } = KvmSpte.decode(spte);
  return read || write || execute || special;
};
