import { type PageRecord, pageRecordOf } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import { isState } from './meaning.ts';

const pageBytes = 4096n;
const recordBytes = 8n;

/** The records of hyp_vmemmap: one of 8 bytes for each page of RAM, in order. facts/arm64-live.md 5. */
export interface Records {
  /** The physical address of the first record. */
  readonly address: bigint;
  /** The page that the first record is of. */
  readonly firstPage: bigint;
}

/** The record of a page; `undefined` where the memory does not hold it. */
export function recordOf(
  memory: PhysicalMemory,
  { address, firstPage }: Records,
  page: bigint,
): PageRecord | undefined {
  const word = memory.read(address + ((page - firstPage) / pageBytes) * recordBytes);
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
  const owned = hypervisorIndexes(memory, address, kept.length);
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

/** The indexes of the first `most` records that say: the hypervisor's. Stops where a longer stretch is not known. */
function hypervisorIndexes(memory: PhysicalMemory, address: bigint, most: number): number[] {
  const found: number[] = [];
  let unknownPages = 0;
  for (let index = 0; index < maxRecords && found.length < most && unknownPages < 1024;) {
    const word = memory.read(address + BigInt(index) * recordBytes);
    if (word === undefined) {
      unknownPages++;
      index = (Math.floor(index / 512) + 1) * 512;
      continue;
    }
    const { host, hyp } = pageRecordOf(word);
    if (isState(host, 'NOPAGE') && isState(hyp, 'OWNED')) found.push(index);
    index++;
  }
  return found;
}
