import { address, type Field, flag, inWords, layout, reserved } from '../../bits/index.ts';
import { seed } from '../../citation.ts';

/** The sub-page-permission-table pointer, VMCS field 0x2030; facts 1.4. */
export const Spptp = layout('Spptp', {
  _11_0: reserved(11, 0),
  table: address(51, 12),
  _63_52: reserved(63, 52),
});

const entryFormat = seed('001', 'Format of the SPPT L4E, L3E, L2E');

/** SPPT L4E, L3E and L2E. Seed 001, "Format of the SPPT L4E, L3E, L2E". Bits 63:52 are reserved, not ignored. */
export const SpptEntry = layout('SpptEntry', {
  valid: flag(0, 'valid', entryFormat, ['the next table is there', 'not valid: the walk misses here']),
  _11_1: reserved(11, 1),
  table: inWords(address(51, 12), 'table address', entryFormat, () => 'where the next table lies'),
  _63_52: reserved(63, 52),
});

const subPage = (i: number): Field<boolean, 'value'> => {
  const bytes = `bytes ${128 * i} to ${128 * i + 127}`;
  return flag(2 * i, `sub-page ${i}`, seed('001', 'Format of the SPPT L1E'), [
    `${bytes}: writable`,
    `${bytes}: write-protected`,
  ]);
};

type SppVectorFields = Readonly<Record<`subPage${number}`, Field<boolean, 'value'>>> &
  Readonly<Record<`_${number}`, Field<bigint, 'reserved'>>>;

/**
 * SPPT L1E, the sub-page permission vector. Seed 001, "Format of the SPPT L1E": bit 0+2i is the "Write permission
 * for i-th 128 byte sub-page region", bit 1+2i is "Reserved (0)". It has no valid bit.
 */
export const SppVector = layout(
  'SppVector',
  Object.fromEntries(
    Array.from({ length: 32 }, (_, i) => [
      [`subPage${i}`, subPage(i)],
      [`_${2 * i + 1}`, reserved(2 * i + 1)],
    ]).flat(),
  ) as SppVectorFields,
);

export const sppVmcs = {
  /** VMCS encoding of the SPPTP; the high half is 0x2031. */
  spptpEncoding: 0x2030,
  /** "Sub-page write permissions for EPT" among the secondary processor-based VM-execution controls. */
  secondaryControlBit: 23,
  /** IA32_VMX_PROCBASED_CTLS2, and the bit that says that the control may be 1. */
  capabilityMsr: 0x48b,
  capabilityBit: 55,
  /** Basic exit reason of SPPT misses and misconfigurations. Seed 001, "EXIT_REASON_SPP". */
  exitReason: 66,
} as const;
