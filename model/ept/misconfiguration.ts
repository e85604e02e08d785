import type { Checks } from './check.ts';
import type { Cpu } from './cpu.ts';
import { EptPte } from './entry.ts';
import { eptLevels, type Level } from './level.ts';

export type MisconfigurationReason =
  | 'write-without-read'
  | 'execute-only-unsupported'
  | 'page-size-unsupported'
  | 'reserved-bits'
  | 'memory-type';

/** A present entry under examination. */
export interface PresentEntry {
  readonly level: Level;
  readonly word: bigint;
  readonly isPage: boolean;
  readonly cpu: Cpu;
}

/** The reserved bits that are set in a present entry, by its format and the physical-address width. */
export function reservedBitsSet({ level, word, isPage, cpu }: PresentEntry): bigint {
  const { table, page } = eptLevels[level];
  const format = isPage ? page : table;
  if (format === undefined)
    throw new RangeError(`a level-${level} entry ${isPage ? 'maps no page' : 'is one'}`);
  return format.reservedBits(word, cpu.maxPhysicalAddressWidth);
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
export const misconfigurations: Checks<MisconfigurationReason, PresentEntry> = [
  {
    name: 'write-without-read',
    source: 'facts/ept-spp.md 1.3, "bit 0 = 0 and bit 1 = 1"',
    holds: ({ word }) => !EptPte.get(word, 'read') && EptPte.get(word, 'write'),
  },
  {
    name: 'execute-only-unsupported',
    source: 'facts/ept-spp.md 1.3, "while execute-only unsupported"',
    holds: ({ word, cpu }) => {
      if (cpu.capabilities.executeOnly || EptPte.get(word, 'read')) return false;
      return EptPte.get(word, 'execute') || (cpu.controls.mbe && EptPte.get(word, 'executeUser'));
    },
  },
  {
    name: 'page-size-unsupported',
    source: 'facts/ept-spp.md 1.3, "PDPTE bit 7 without 1G support; PDE bit 7 without 2M"',
    holds: entry => !isSupportedSize(entry),
  },
  {
    name: 'reserved-bits',
    source: 'facts/ept-spp.md 1.3, "any R0 bit of 1.2"',
    holds: entry => reservedBitsSet(entry) !== 0n,
  },
  {
    name: 'memory-type',
    source: 'facts/ept-spp.md 1.3, "leaf with memory type 2, 3 or 7"',
    holds: ({ word, isPage }) => isPage && [2, 3, 7].includes(EptPte.get(word, 'memoryType')),
  },
];
