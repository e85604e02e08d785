import type { PhysicalMemory } from '../../model/memory/index.ts';
import { gatherVector, Spptp, SppVector, SpptEntry } from '../../model/ept/spp/index.ts';
import { type MissingTable, readPages } from './read-pages.ts';

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
  const misconfigured: { at: bigint; word: bigint; level: 2 | 3 | 4 }[] = [];
  const root = { page: Spptp.get(spptp, 'table'), level: 4, gpa: 0n, from: spptp } as const;
  const { missing } = readPages<SpptLevel>(
    memory,
    [root],
    level => coverage[level],
    ({ level, gpa, at, word }) => {
      if (level === 1) {
        const reservedBits = SppVector.reservedBits(word, 52);
        if (word !== 0n) vectors.push({ gpa, at, word, accessMap: gatherVector(word), reservedBits });
        return undefined;
      }
      if (!SpptEntry.get(word, 'valid')) return undefined;
      if (SpptEntry.reservedBits(word, 52) === 0n)
        return { page: SpptEntry.get(word, 'table'), level: lower[level] };
      misconfigured.push({ at, word, level });
      return undefined;
    },
  );
  return { vectors, missing, misconfigured };
}
