import type { Access, touchedSubPages } from '../access.ts';
import type { Cpu } from '../cpu.ts';
import type { entryAddress } from '../level.ts';
import type { WalkRead } from '../translation.ts';
import { anySet, type Word } from '../../bits/index.ts';
import type { PhysicalMemory } from '../../memory/index.ts';
import { SppVector, SpptEntry, Spptp } from './entry.ts';

export type SpptLevel = 1 | 2 | 3 | 4;

export type SpptWalk<W extends Word = bigint> = { readonly reads: readonly WalkRead<W>[] } & (
  | { readonly kind: 'permitted' }
  /** The vector denies these of the sub-pages that the access touches. */
  | { readonly kind: 'denied'; readonly subPages: readonly number[] }
  | { readonly kind: 'miss'; readonly level: SpptLevel }
  /** Some of these bits are 1, all of which must be 0. */
  | { readonly kind: 'misconfigured'; readonly level: SpptLevel; readonly reservedMask: bigint }
  | { readonly kind: 'unknown'; readonly level: SpptLevel; readonly address: bigint }
);

/** What a look-up in the SPPT asks of the rules. */
export interface SppRules {
  readonly entryAddress: typeof entryAddress;
  readonly touchedSubPages: typeof touchedSubPages;
  spptEntryClass(word: Word, cpu: Cpu<Word>, level: SpptLevel): ReturnType<typeof spptEntryClass>;
  /** Whether a vector is a miss. Normatively none is: an L1E has no valid bit, and zero denies every sub-page. */
  vectorMisses(vector: Word): boolean;
  /** The bits of a vector that must be 0 in a look-up by this access. */
  vectorReservedMask(access: Access): bigint;
  readonly permitsWrite: typeof permitsWrite;
}

/** What an SPPT L4E, L3E or L2E says: not valid is decided before reserved bits, as in the EPT. */
export function spptEntryClass(word: Word, cpu: Cpu<Word>): 'table' | 'miss' | 'misconfigured' {
  if (!SpptEntry.get(word, 'valid')) return 'miss';
  return SpptEntry.isWellFormed(word, cpu.maxPhysicalAddressWidth) ? 'table' : 'misconfigured';
}

/** The odd bits of a vector, all of which are reserved, whichever sub-page is written. */
export const vectorReservedMask = (): bigint => SppVector.reservedMask;

/** Whether a vector permits writes to a sub-page (0 to 31). */
export const permitsWrite = (vector: Word, subPage: number): boolean =>
  SppVector.get(vector, `subPage${subPage}`);

/**
 * Looks up the write permission of the sub-pages that an access touches. Seed 001, from "Walk SPP L4E table" to
 * "if sub-page writable"; facts 2, step 5. Always four levels, also under a 5-level EPT. The L1E has no valid bit,
 * so it cannot miss.
 */
export function walkSppt<W extends Word>(
  memory: PhysicalMemory<W>,
  cpu: Cpu<Word>,
  access: Access,
  rules: SppRules,
): SpptWalk<W> {
  const reads: WalkRead<W>[] = [];
  let table = Spptp.get(cpu.spptp, 'table');
  for (const level of [4, 3, 2] as const) {
    const address = rules.entryAddress(table, level, access.gpa);
    const word = memory.read(address);
    if (word === undefined) return { kind: 'unknown', level, address, reads };
    reads.push({ table: 'sppt', level, address, word });
    const found = rules.spptEntryClass(word, cpu, level);
    if (found === 'miss') return { kind: 'miss', level, reads };
    if (found === 'misconfigured') {
      const reservedMask = SpptEntry.reservedFor(cpu.maxPhysicalAddressWidth);
      return { kind: 'misconfigured', level, reservedMask, reads };
    }
    table = SpptEntry.get(word, 'table');
  }
  const address = rules.entryAddress(table, 1, access.gpa);
  const vector = memory.read(address);
  if (vector === undefined) return { kind: 'unknown', level: 1, address, reads };
  reads.push({ table: 'sppt', level: 1, address, word: vector });
  if (rules.vectorMisses(vector)) return { kind: 'miss', level: 1, reads };
  const reservedMask = rules.vectorReservedMask(access);
  if (anySet(vector, reservedMask)) return { kind: 'misconfigured', level: 1, reservedMask, reads };
  const subPages = rules.touchedSubPages(access).filter(subPage => !rules.permitsWrite(vector, subPage));
  return subPages.length === 0 ? { kind: 'permitted', reads } : { kind: 'denied', subPages, reads };
}
