import type { ByteSource } from './byte-source.ts';
import { type DumpResult, refuse } from './dump.ts';
import { type Segment, segmentedDump } from './raw-dump.ts';

/** ELF64 as `dump-guest-memory` writes it. System V ABI, "Object Files", "Program Header"; elf(5). */
const Elf = {
  class64: 2,
  littleEndian: 1,
  typeCore: 4,
  machineX86_64: 62,
  load: 1,
  manyHeaders: 0xffff,
} as const;
const headerBytes = 64;
const programHeaderBytes = 56;
const maxSegments = 4096;

const instead = 'dump-guest-memory FILE.elf (without -z, -l, -s or -w)';

interface Header {
  readonly programHeaders: number;
  readonly entryBytes: number;
  readonly count: number;
}

/** Reads an ELF core: one segment a PT_LOAD, found by physical address. */
export function elfCoreDump(source: ByteSource): DumpResult {
  const header = readHeader(source);
  if (typeof header === 'string') return refuse(header, { instead });
  const segments = readSegments(source, header);
  if (typeof segments === 'string') return refuse(segments, { instead });
  return segmentedDump(source, 'elf-core', segments);
}

const viewAt = (source: ByteSource, offset: number, length: number): DataView | undefined => {
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined;
  const bytes = source.read(offset, length);
  return bytes.length < length ? undefined : new DataView(bytes.buffer, bytes.byteOffset, length);
};

function readHeader(source: ByteSource): Header | string {
  const view = viewAt(source, 0, headerBytes);
  if (view === undefined) return 'the ELF header is cut off';
  if (view.getUint8(4) !== Elf.class64 || view.getUint8(5) !== Elf.littleEndian)
    return 'an ELF file, but not 64-bit little-endian';
  if (view.getUint16(16, true) !== Elf.typeCore) return 'an ELF file, but not a core';
  if (view.getUint16(18, true) !== Elf.machineX86_64) return 'an ELF core, but not of an x86-64 machine';
  const programHeaders = Number(view.getBigUint64(32, true));
  const entryBytes = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (entryBytes < programHeaderBytes) return 'the ELF program headers are too short';
  if (count !== Elf.manyHeaders) return { programHeaders, entryBytes, count };
  // With 65535 headers or more their number is the sh_info of the first section.
  const section = viewAt(source, Number(view.getBigUint64(40, true)), 64);
  return section === undefined
    ? 'the ELF section headers are cut off'
    : { programHeaders, entryBytes, count: section.getUint32(44, true) };
}

function readSegments(source: ByteSource, header: Header): readonly Segment[] | string {
  if (header.count > maxSegments) return `an ELF core with more than ${maxSegments} program headers`;
  const segments: Segment[] = [];
  const virtual: bigint[] = [];
  for (let i = 0; i < header.count; i++) {
    const view = viewAt(source, header.programHeaders + i * header.entryBytes, programHeaderBytes);
    if (view === undefined) return 'the ELF program headers are cut off';
    if (view.getUint32(0, true) !== Elf.load) continue;
    const offset = Number(view.getBigUint64(8, true));
    const address = view.getBigUint64(24, true);
    const length = Math.min(Number(view.getBigUint64(32, true)), Math.max(0, source.size - offset));
    virtual.push(view.getBigUint64(16, true));
    if (length > 0) segments.push({ address, offset, length });
  }
  if (segments.length === 0) return 'an ELF core without memory in it';
  const isOfProcess =
    segments.every(({ address }) => address === 0n) && virtual.some(address => address !== 0n);
  return isOfProcess ? 'the core of a process: its addresses are virtual' : segments;
}
