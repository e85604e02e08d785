import type { ByteSource } from './byte-source.ts';
import type { AddressRange, DumpFormat, DumpResult } from './dump.ts';
import { fetchCommand } from './fetch-command.ts';

/** One run of bytes in a file and the physical address of its first. */
export interface Segment {
  readonly address: bigint;
  readonly offset: number;
  readonly length: number;
}

/** A dump whose words lie in a file as memory holds them: read where they are, a page of the file at a time. */
export function segmentedDump(
  source: ByteSource,
  format: DumpFormat,
  segments: readonly Segment[],
  notes: readonly string[] = [],
): DumpResult {
  const sorted = [...segments].sort((a, b) => (a.address < b.address ? -1 : 1));
  const ranges: readonly AddressRange[] = sorted.map(({ address, length }) => ({
    start: address,
    end: address + BigInt(length),
  }));
  return {
    ok: true,
    dump: {
      format,
      ranges,
      notes,
      fetch: page => fetchCommand(format, page),
      read: address => {
        const at = ranges.findIndex(({ start, end }) => address >= start && address + 8n <= end);
        const segment = sorted[at];
        if (segment === undefined) return undefined;
        const bytes = source.read(segment.offset + Number(address - segment.address), 8);
        if (bytes.length < 8) return undefined;
        return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
      },
    },
  };
}

/** The bytes of memory from `base`, as `pmemsave` writes them. */
export const rawDump = (source: ByteSource, base: bigint): DumpResult =>
  segmentedDump(source, 'raw', [{ address: base, offset: 0, length: source.size }]);
