import { type PageRecord, pageRecordOf } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import type { AddressRange } from '../../../model/pkvm/index.ts';
import { isState } from './meaning.ts';

const pageBytes = 4096n;
const recordBytes = 8n;

/**
 * The records of hyp_vmemmap: one of 8 bytes for each page of RAM, in order. facts/arm64-live.md 5. Each stretch of RAM has
 * memory of its own for them, so what is known of one says nothing of where those of another lie.
 */
export interface Records {
  /** The physical address of the first record. */
  readonly address: bigint;
  /** The stretch of RAM that they are of. */
  readonly of: AddressRange;
}

/** Where the record of a page lies; `undefined` for a page of another stretch. */
export const recordAddress = ({ address, of }: Records, page: bigint): bigint | undefined =>
  page < of.start || page >= of.end ? undefined : address + ((page - of.start) / pageBytes) * recordBytes;

/** The record of a page; `undefined` where it is not known where it lies, or the memory does not hold it. */
export function recordOf(memory: PhysicalMemory, records: Records, page: bigint): PageRecord | undefined {
  const at = recordAddress(records, page);
  const word = at === undefined ? undefined : memory.read(at);
  return word === undefined ? undefined : pageRecordOf(word);
}

/**
 * Finds the page that the first record is of, where nobody said what is RAM: the pages that the records give to the
 * hypervisor must be among those that the host's table keeps from the host, and only one shift makes them so.
 *
 * @param kept the pages that the host's table annotates as the hypervisor's or maps read-only, in order
 * @returns `undefined` where no shift fits, or more than one
 */
export function firstPageOf(
  memory: PhysicalMemory,
  address: bigint,
  kept: readonly bigint[],
): bigint | undefined {
  const [lowest, highest] = [kept[0], kept.at(-1)];
  if (lowest === undefined || highest === undefined) return undefined;
  const owned = hypervisorIndexes(memory, address, Number((highest - lowest) / pageBytes));
  const [first] = owned;
  if (first === undefined) return undefined;
  const set = new Set(kept);
  const fits = kept
    .map(page => page - BigInt(first) * pageBytes)
    .filter(base => base >= 0n && owned.every(index => set.has(base + BigInt(index) * pageBytes)));
  return fits.length === 1 ? fits[0] : undefined;
}

/** Records are looked for in this much memory: enough for 64 GByte of RAM. */
const maxRecords = 2 ** 24;
/** And no further than this many pages of them that are not known, 128 MByte of RAM each time: the pool's come early. */
const maxUnknownPages = 64;

/**
 * The indexes of the records that say: the hypervisor's. None lies further than `span` behind the first, as in the
 * host's table; what lies behind hyp_vmemmap is not taken for records.
 */
function hypervisorIndexes(memory: PhysicalMemory, address: bigint, span: number): number[] {
  const found: number[] = [];
  let unknownPages = 0;
  let end = maxRecords;
  for (let index = 0; index < end && unknownPages < maxUnknownPages;) {
    const word = memory.read(address + BigInt(index) * recordBytes);
    if (word === undefined) {
      unknownPages++;
      index = (Math.floor(index / 512) + 1) * 512;
      continue;
    }
    const { host, hyp } = pageRecordOf(word);
    if (isState(host, 'NOPAGE') && isState(hyp, 'OWNED')) {
      if (found.length === 0) end = Math.min(end, index + span + 1);
      found.push(index);
    }
    index++;
  }
  return found;
}
