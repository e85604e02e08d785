import { type Lanes, laneMask, lanesOf } from '../../model/bits/index.ts';
import { SppVector, SpptEntry } from '../../model/ept/spp/entry.ts';
import type { Cpu } from '../../model/ept/cpu.ts';
import { EptPdpte, EptPte } from '../../model/ept/entry.ts';
import { eptLevels } from '../../model/ept/level.ts';
import { ViolationQualification } from '../../model/ept/qualification.ts';

/** A mask as two signed halves, for `&`. */
const asSigned = (mask: bigint): Lanes => {
  const { low, high } = lanesOf(mask);
  return { low: low | 0, high: high | 0 };
};
const everyBit = 2n ** 64n - 1n;

const entry = EptPte.fields;

/** The bits that a walk looks at, by the declared tables. All but those named `High` lie in the low half. */
export const bit = {
  read: laneMask(entry.read).low,
  write: laneMask(entry.write).low,
  execute: laneMask(entry.execute).low,
  executeUser: laneMask(entry.executeUser).low,
  mapsPage: laneMask(EptPdpte.fields.mapsPage).low,
  accessed: laneMask(entry.accessed).low,
  dirty: laneMask(entry.dirty).low,
  shadowStackHigh: laneMask(entry.shadowStack).high,
  subPageWriteHigh: laneMask(entry.subPageWrite).high,
  suppressVeHigh: laneMask(entry.suppressVe).high,
  valid: laneMask(SpptEntry.fields.valid).low,
} as const;

/** The bits of an EPT violation's qualification, all of which lie in the low half. */
export const reported = Object.fromEntries(
  Object.entries(ViolationQualification.fields).map(([name, field]) => [name, laneMask(field).low]),
) as Readonly<Record<keyof typeof ViolationQualification.fields, number>>;

/** The reserved bits of every format for one processor, by level: of entries that reference a table, that map a page. */
export interface ReservedMasks {
  readonly tableLow: Int32Array;
  readonly tableHigh: Int32Array;
  readonly pageLow: Int32Array;
  readonly pageHigh: Int32Array;
  readonly sppt: Lanes;
  readonly vector: Lanes;
}

export function reservedMasks({ maxPhysicalAddressWidth: width }: Cpu): ReservedMasks {
  const masks = {
    tableLow: new Int32Array(6),
    tableHigh: new Int32Array(6),
    pageLow: new Int32Array(6),
    pageHigh: new Int32Array(6),
  };
  for (const level of [1, 2, 3, 4, 5] as const) {
    const { table, page } = eptLevels[level];
    const ofTable = asSigned(table?.reservedBits(everyBit, width) ?? 0n);
    const ofPage = asSigned(page?.reservedBits(everyBit, width) ?? 0n);
    masks.tableLow[level] = ofTable.low;
    masks.tableHigh[level] = ofTable.high;
    masks.pageLow[level] = ofPage.low;
    masks.pageHigh[level] = ofPage.high;
  }
  return {
    ...masks,
    sppt: asSigned(SpptEntry.reservedBits(everyBit, width)),
    vector: asSigned(SppVector.reservedBits(everyBit, 52)),
  };
}

const vectorBits: readonly Lanes[] = Array.from({ length: 32 }, (_, i) =>
  asSigned(SppVector.mask(`subPage${i}`)),
);

/** The vector's bit of each sub-page, low half and high half. */
export const subPageLow = Int32Array.from(vectorBits, ({ low }) => low);
export const subPageHigh = Int32Array.from(vectorBits, ({ high }) => high);
