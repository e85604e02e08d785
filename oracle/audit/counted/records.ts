import type { PhysicalMemory } from '../../../model/memory/index.ts';
import { type PageRecord, recordOf } from '../../../model/pkvm/counted/index.ts';

const PAGE = 0x1000n;

/** The array of `struct pkvm_page`: where it lies, of which page its first record is, and how far records are apart. */
export interface RecordArray {
  /** The physical address of the first record. */
  readonly address: bigint;
  /** The page that it is of; the others follow page by page. */
  readonly first: bigint;
  /** Bytes from one record to the next; the fields are those of `PkvmPage`. */
  readonly stride: bigint;
}

/** Where the record of a page lies; `undefined` before the first. */
const recordAt = ({ address, first, stride }: RecordArray, page: bigint): bigint | undefined =>
  page < first ? undefined : address + ((page - first) / PAGE) * stride;

/** The record of a page; `undefined` where the memory does not hold it. */
export function recordIn(
  memory: PhysicalMemory,
  records: RecordArray,
  page: bigint,
): PageRecord | undefined {
  const at = recordAt(records, page);
  const word = at === undefined ? undefined : memory.read(at);
  return word === undefined ? undefined : recordOf(word);
}
