import { anySet, maskOf } from '../../bits/index.ts';
import { SppVector, SpptEntry } from '../spp/entry.ts';
import { replacing } from '../../fault.ts';
import type { WalkFault } from '../rules.ts';
import { eptLevels, type Level } from '../level.ts';
import { reservedMask } from '../misconfiguration.ts';
import { facts, seed } from '../../citation.ts';

interface Range {
  readonly hi: number;
  readonly lo: number;
}

const nameOf = (level: Level, isPage: boolean): string =>
  isPage && level > 1
    ? `${eptLevels[level].name}-${eptLevels[level].pageSize ?? ''}`
    : eptLevels[level].name;

/** The walker that does not look at these bits of this entry. */
const unchecked = (level: Level, isPage: boolean, { hi, lo }: Range): WalkFault => ({
  name: `${nameOf(level, isPage)}-bits-${hi}-${lo}-unchecked`.toLowerCase(),
  about: `Bits ${hi}:${lo} of a ${nameOf(level, isPage)} are not treated as reserved.`,
  source: facts.eptSpp('1.3', 'any R0 bit of 1.2'),
  change: rules => ({
    misconfigurations: replacing(rules.misconfigurations, 'reserved-bits', entry => {
      const isThis = entry.level === level && entry.isPage === isPage;
      return anySet(entry.word, reservedMask(entry) & ~(isThis ? maskOf({ hi, lo }) : 0n));
    }),
  }),
});

const tableLevels = [5, 4, 3, 2] as const;
const pageLevels = [3, 2, 1] as const;

/** One mask of one format, left out. Bits 51:N are named by their widest extent. */
const eptMasks: readonly WalkFault[] = [
  ...tableLevels.flatMap(level => [
    unchecked(level, false, { hi: level >= 4 ? 7 : 6, lo: 3 }),
    unchecked(level, false, { hi: 51, lo: 12 }),
  ]),
  ...pageLevels.map(level => unchecked(level, true, { hi: 51, lo: 30 })),
  unchecked(3, true, { hi: 29, lo: 12 }),
  unchecked(2, true, { hi: 20, lo: 12 }),
];

/** The walker that also minds these ignored bits. */
const minded = (name: string, { hi, lo }: Range, levels: readonly Level[]): WalkFault => ({
  name,
  about: `Bits ${hi}:${lo}, which are ignored, are treated as reserved.`,
  source: facts.eptSpp('1.2', '"ign" = ignored'),
  change: rules => ({
    misconfigurations: replacing(
      rules.misconfigurations,
      'reserved-bits',
      entry =>
        anySet(entry.word, reservedMask(entry)) ||
        (levels.includes(entry.level) && anySet(entry.word, maskOf({ hi, lo }))),
    ),
  }),
});

const ignoredMasks: readonly WalkFault[] = [
  minded('bits-62-52-reserved', { hi: 62, lo: 52 }, [5, 4, 3, 2, 1]),
  minded('bit-11-reserved', { hi: 11, lo: 11 }, [5, 4, 3, 2, 1]),
  minded('pte-bit-7-reserved', { hi: 7, lo: 7 }, [1]),
];

/** The walker that does not look at these bits of an SPPT L4E, L3E or L2E. */
const spptUnchecked = ({ hi, lo }: Range): WalkFault => ({
  name: `sppt-bits-${hi}-${lo}-unchecked`,
  about: `Bits ${hi}:${lo} of an SPPT L4E, L3E or L2E are not treated as reserved.`,
  source: seed('001', 'Reserved (0)'),
  change: () => ({
    spptEntryClass: (word, cpu) => {
      if (!SpptEntry.get(word, 'valid')) return 'miss';
      const seen = SpptEntry.reservedFor(cpu.maxPhysicalAddressWidth) & ~maskOf({ hi, lo });
      return anySet(word, seen) ? 'misconfigured' : 'table';
    },
  }),
});

const spptLevelUnchecked = (level: 2 | 3 | 4): WalkFault => ({
  name: `sppt-l${level}e-reserved-bits-unchecked`,
  about: `The reserved bits of an SPPT L${level}E are not looked at.`,
  source: seed('001', 'if-entry-misconfiguration'),
  change: rules => ({
    spptEntryClass: (word, cpu, at) => {
      const found = rules.spptEntryClass(word, cpu, at);
      return found === 'misconfigured' && at === level ? 'table' : found;
    },
  }),
});

const vectorMasks: readonly WalkFault[] = [
  {
    name: 'odd-bits-unchecked',
    about: 'The odd bits of an L1E are not looked at.',
    source: facts.eptSpp('1.4', 'odd bits R0'),
    change: () => ({ vectorReservedMask: () => 0n }),
  },
  ...[maskOf({ hi: 63, lo: 32 }), maskOf({ hi: 31, lo: 0 })].map((half, at): WalkFault => ({
    name: `odd-bits-of-the-${at === 0 ? 'high' : 'low'}-half-unchecked`,
    about: `The odd bits of the ${at === 0 ? 'high' : 'low'} half of an L1E are not looked at.`,
    source: facts.eptSpp('1.4', 'odd bits R0'),
    change: () => ({ vectorReservedMask: () => SppVector.reservedMask & ~half }),
  })),
];

export const masks: readonly WalkFault[] = [
  ...eptMasks,
  ...ignoredMasks,
  spptUnchecked({ hi: 11, lo: 1 }),
  spptUnchecked({ hi: 51, lo: 12 }),
  spptUnchecked({ hi: 63, lo: 52 }),
  spptLevelUnchecked(4),
  spptLevelUnchecked(3),
  spptLevelUnchecked(2),
  ...vectorMasks,
];
