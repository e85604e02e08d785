import { anySet, setBits, type Word } from '../bits/index.ts';
import type { Check } from './check.ts';
import type { Cpu } from './cpu.ts';
import { EptPte } from './entry.ts';
import { eptLevels, type Level } from './level.ts';
import { reservedBitsInWords } from './reserved-bits.ts';
import { facts } from '../citation.ts';

export type MisconfigurationReason =
  | 'write-without-read'
  | 'execute-only-unsupported'
  | 'page-size-unsupported'
  | 'reserved-bits'
  | 'memory-type';

/** A present entry under examination. */
export interface PresentEntry {
  readonly level: Level;
  readonly word: Word;
  readonly isPage: boolean;
  readonly cpu: Cpu<Word>;
}

/** What makes an entry a misconfiguration. `found` says it of one entry, with its values. */
export interface Misconfiguration extends Check<MisconfigurationReason, PresentEntry> {
  found?(entry: PresentEntry & { readonly word: bigint }): string;
}

/** The bits that must be 0 in a present entry, by its format and the physical-address width. */
export function reservedMask({ level, isPage, cpu }: Omit<PresentEntry, 'word'>): bigint {
  const { table, page } = eptLevels[level];
  const format = isPage ? page : table;
  if (format === undefined)
    throw new RangeError(`a level-${level} entry ${isPage ? 'maps no page' : 'is one'}`);
  return format.reservedFor(cpu.maxPhysicalAddressWidth);
}

const isSupportedSize = ({ level, isPage, cpu }: PresentEntry): boolean =>
  !isPage ||
  level === 1 ||
  (level === 2 && cpu.capabilities.twoMPages) ||
  (level === 3 && cpu.capabilities.oneGPages);

/**
 * What makes a present entry an EPT misconfiguration, whatever the access. SDM vol. 3C, "EPT Misconfigurations";
 * facts 1.3. Where several hold, the first is the one named here; the processor reports none.
 */
export const misconfigurations: readonly Misconfiguration[] = [
  {
    name: 'write-without-read',
    rule: 'bit 1 (write) is 1 and bit 0 (read) is 0',
    source: facts.eptSpp('1.3', 'bit 0 = 0 and bit 1 = 1'),
    holds: ({ word }) => !EptPte.get(word, 'read') && EptPte.get(word, 'write'),
  },
  {
    name: 'execute-only-unsupported',
    rule: 'it permits execution and no reads, which this processor does not support',
    source: facts.eptSpp('1.3', 'while execute-only unsupported'),
    holds: ({ word, cpu }) => {
      if (cpu.capabilities.executeOnly || EptPte.get(word, 'read')) return false;
      return EptPte.get(word, 'execute') || (cpu.controls.mbe && EptPte.get(word, 'executeUser'));
    },
  },
  {
    name: 'page-size-unsupported',
    rule: 'it maps a page of a size that this processor does not support',
    source: facts.eptSpp('1.3', 'PDPTE bit 7 without 1G support; PDE bit 7 without 2M'),
    holds: entry => !isSupportedSize(entry),
  },
  {
    name: 'reserved-bits',
    rule: 'reserved bits are set',
    source: facts.eptSpp('1.3', 'any R0 bit of 1.2'),
    holds: entry => anySet(entry.word, reservedMask(entry)),
    found: entry =>
      reservedBitsInWords(setBits(entry.word, reservedMask(entry)), entry.cpu.maxPhysicalAddressWidth),
  },
  {
    name: 'memory-type',
    rule: 'its memory type is reserved',
    source: facts.eptSpp('1.3', 'leaf with memory type 2, 3 or 7'),
    holds: ({ word, isPage }) => isPage && EptPte.isOneOf(word, 'memoryType', [2, 3, 7]),
    found: ({ word }) => `its memory type, ${EptPte.get(word, 'memoryType')}, is reserved`,
  },
];
