import type { PhysicalMemory } from '../../model/memory/index.ts';
import { gatherVector, Spptp, SppVector, SpptEntry } from '../../model/ept/spp/index.ts';
import type { MissingTable } from './read-table.ts';

/** The vector of one 4-KByte page. */
export interface PageVector {
  readonly gpa: bigint;
  readonly at: bigint;
  readonly word: bigint;
  /** Bit i: sub-page i may be written. */
  readonly accessMap: number;
  /** Reserved bits that are set: a misconfiguration. */
  readonly reservedBits: bigint;
}

export interface SpptReading {
  readonly vectors: readonly PageVector[];
  readonly missing: readonly MissingTable[];
  /** Entries above the vectors that have reserved bits set. */
  readonly misconfigured: readonly {
    readonly at: bigint;
    readonly word: bigint;
    readonly level: 2 | 3 | 4;
  }[];
}

const coverage = { 1: 4096n, 2: 512n * 4096n, 3: 512n ** 2n * 4096n, 4: 512n ** 3n * 4096n } as const;
type SpptLevel = keyof typeof coverage;
const lower = { 4: 3, 3: 2, 2: 1 } as const;

/** Reads a whole sub-page permission table. A vector of 0 is listed only where its table holds another one. */
export function readSppt(memory: PhysicalMemory, spptp: bigint): SpptReading {
  const vectors: PageVector[] = [];
  const missing: MissingTable[] = [];
  const misconfigured: { at: bigint; word: bigint; level: 2 | 3 | 4 }[] = [];
  const read = new Set<bigint>();

  const entry = (level: SpptLevel, gpa: bigint, at: bigint, word: bigint): void => {
    if (level === 1) {
      const reservedBits = SppVector.reservedBits(word, 52);
      if (word !== 0n) vectors.push({ gpa, at, word, accessMap: gatherVector(word), reservedBits });
      return;
    }
    if (!SpptEntry.get(word, 'valid')) return;
    if (SpptEntry.reservedBits(word, 52) !== 0n) misconfigured.push({ at, word, level });
    else page(SpptEntry.get(word, 'table'), lower[level], gpa);
  };
  const page = (address: bigint, level: SpptLevel, gpa: bigint): void => {
    if (read.has(address)) return;
    read.add(address);
    let unknown = 0;
    for (let index = 0n; index < 512n; index++) {
      const word = memory.read(address + 8n * index);
      if (word === undefined) unknown++;
      else entry(level, gpa + index * coverage[level], address + 8n * index, word);
    }
    if (unknown > 0) missing.push({ page: address, level, gpa, size: 512n * coverage[level] });
  };
  page(Spptp.get(spptp, 'table'), 4, 0n);
  return { vectors, missing, misconfigured };
}
