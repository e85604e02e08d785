import { anySet, maskOf, type Word } from '../bits/index.ts';
import type { MemoryWrite } from '../memory/index.ts';
import { SppVector, SpptEntry } from './spp/entry.ts';
import { replacing, without } from '../fault.ts';
import type { WalkFault } from './rules.ts';
import type { Cpu } from './cpu.ts';
import { EptPte } from './entry.ts';
import type { WalkRead } from './translation.ts';
import { Eptp } from './eptp.ts';
import { reservedMask } from './misconfiguration.ts';
import { allGive } from './rights.ts';
import { ViolationQualification } from './qualification.ts';
import { facts } from '../citation.ts';

/** The other readings of the sources: facts 2.1. The normative one of each is what the walk does by itself. */

/** Of the seeds' flow chart and of the text around it. */
const ofTheSeeds: readonly WalkFault[] = [
  {
    name: 'leaf-write-bit',
    about: 'The write bit that keeps the SPPT out is that of the leaf alone, not the accumulated one.',
    source: facts.eptSpp('2.1', 'Flow [S001][S003] tests `ept_leaf.writable`'),
    change: rules => ({
      sppConditions: replacing(
        rules.sppConditions,
        'accumulated-write-clear',
        ({ page }) => !EptPte.get(page.leaf.word, 'write'),
      ),
    }),
  },
  {
    name: 'reads-consult-sppt',
    about: 'Every access to a page with bit 61 and without the write bit walks the SPPT, reads too.',
    source: facts.eptSpp('2.1', 'read literally a read of an SPP page would walk the SPPT'),
    change: rules => ({
      sppConditions: without(rules.sppConditions, 'write'),
      missingRights: (page, demand, cpu) => {
        const isSppPage =
          cpu.controls.spp && page.level === 1 && EptPte.get(page.leaf.word, 'subPageWrite');
        const asks = isSppPage && !allGive(page.entries, 'write');
        return asks ? ['write'] : rules.missingRights(page, demand, cpu);
      },
    }),
  },
  {
    name: 'unreadable-page-eligible',
    about: 'A write to a page that is not readable is eligible for the SPPT.',
    source: facts.eptSpp('2.1', 'Flow: no R=1 condition'),
    change: rules => ({ sppConditions: without(rules.sppConditions, 'accumulated-read-set') }),
  },
  {
    name: 'large-page-eligible',
    about: 'Bit 61 of a 2-MByte or 1-GByte leaf means what it means in a 4-KByte one.',
    source: facts.eptSpp('2.1', 'Flow: no page-size test'),
    change: rules => ({ sppConditions: without(rules.sppConditions, '4-kbyte-page') }),
  },
  {
    name: 'paging-structure-eligible',
    about: 'A write to a guest paging structure is eligible for the SPPT.',
    source: facts.eptSpp('2.1', 'Flow: silent on page-walk and no-linear accesses'),
    change: rules => ({ sppConditions: without(rules.sppConditions, 'not-paging-structure') }),
  },
  {
    name: 'no-linear-address-eligible',
    about: 'A write without a linear address is eligible for the SPPT.',
    source: facts.eptSpp('2.1', 'Flow: silent on page-walk and no-linear accesses'),
    change: rules => ({ sppConditions: without(rules.sppConditions, 'linear-address') }),
  },
  {
    name: 'reserved-before-valid',
    about: 'An SPPT entry that is not valid and has reserved bits set is a misconfiguration, not a miss.',
    source: facts.eptSpp('2.1', 'can be read as misconfig first'),
    change: rules => ({
      spptEntryClass: (word, cpu, level) =>
        SpptEntry.isWellFormed(word, cpu.maxPhysicalAddressWidth)
          ? rules.spptEntryClass(word, cpu, level)
          : 'misconfigured',
    }),
  },
  {
    name: 'zero-vector-misses',
    about: 'An all-zero L1E is a miss, as an entry that is not present is on any level.',
    source: facts.eptSpp('2.1', 'any level ... not present'),
    change: () => ({ vectorMisses: vector => !anySet(vector, maskOf({ hi: 63, lo: 0 })) }),
  },
  {
    name: 'own-odd-bits-only',
    about: 'Only the odd bits of the sub-pages that are written misconfigure.',
    source: facts.eptSpp('2.1', 'does an odd bit of ANOTHER sub-page misconfigure?'),
    change: rules => ({
      vectorReservedMask: access =>
        rules.touchedSubPages(access).reduce((bits, i) => bits | SppVector.mask(`_${2 * i + 1}`), 0n),
    }),
  },
  {
    name: 'first-sub-page-only',
    about: 'A write needs the permission of the sub-page of its first byte only.',
    source: facts.eptSpp('2.1', "Bochs checks the first byte's sub-page only"),
    change: rules => ({ touchedSubPages: access => rules.touchedSubPages(access).slice(0, 1) }),
  },
];

/** Of the EPT, where an emulator and silicon were seen to differ. */
const ofTheEpt: readonly WalkFault[] = [
  {
    name: 'bit-12-of-large-page-unchecked',
    about: 'Bit 12 of a 2-MByte or 1-GByte leaf is not reserved.',
    source: facts.eptSpp('2.1', 'bit 12 of a 2M/1G EPT leaf not checked'),
    change: rules => ({
      misconfigurations: replacing(rules.misconfigurations, 'reserved-bits', entry => {
        const bit12 = entry.isPage && entry.level > 1 ? maskOf({ hi: 12, lo: 12 }) : 0n;
        return anySet(entry.word, reservedMask(entry) & ~bit12);
      }),
    }),
  },
  {
    name: 'page-walk-write-bit-only',
    about: 'A guest page walk that counts as a write is reported as a write only.',
    source: facts.eptSpp('2.1', 'BX-PAGEWALK-AD-BIT0 | qualification bit 0 = 0'),
    change: rules => ({
      violationQualification: (demand, ...more) => {
        const reported = rules.violationQualification(demand, ...more);
        const read =
          !(demand.access.pageWalk && demand.write) && ViolationQualification.get(reported.word, 'read');
        return { ...reported, word: ViolationQualification.with(reported.word, { read }) };
      },
    }),
  },
  {
    name: 'user-execute-in-bit-13',
    about: 'With mode-based execute control bit 10 of the entries is reported in bit 13 and not in bit 6.',
    source: facts.eptSpp('2.1', 'acc bit 10 leaks to bit 13 and bit 6 stays 0'),
    change: rules => ({
      violationQualification: (...report) => {
        const { word, undefinedBits } = rules.violationQualification(...report);
        const { executableUser, shadowStack } = ViolationQualification.decode(word);
        return {
          word: ViolationQualification.with(word, {
            executableUser: false,
            shadowStack: shadowStack || executableUser,
          }),
          undefinedBits,
        };
      },
    }),
  },
  {
    name: 'speculative-accessed-flags',
    about:
      'An access that is an EPT violation sets the accessed flags of the present entries that it used.',
    source: facts.eptSpp('2', 'real CPUs may set A flags speculatively'),
    change: rules => ({
      refusedUpdates: <W extends Word>(entries: readonly WalkRead<W>[], cpu: Cpu<Word>) =>
        entries.flatMap(({ address, word }): MemoryWrite<W>[] => {
          const sets =
            Eptp.get(cpu.eptp, 'accessedDirty') &&
            rules.isPresent(word, cpu) &&
            !EptPte.get(word, 'accessed');
          return sets ? [{ address, word: EptPte.with(word, { accessed: true }), bytes: 8 }] : [];
        }),
    }),
  },
  {
    name: 'log-full-whatever-the-flags',
    about: 'The page-modification log is full also for an access that has no flag to set.',
    source: facts.eptSpp('2.1', 'exit 62 whenever index>=512, even on a read with A/D already set'),
    change: () => ({ isLogFull: (_updates, { controls, state }) => controls.pml && state.pmlIndex > 511 }),
  },
];

export const readings: readonly WalkFault[] = [...ofTheSeeds, ...ofTheEpt];
