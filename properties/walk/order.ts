import { beyondWidth, type Word } from '../../model/bits/index.ts';
import { anySet } from '../../model/bits/index.ts';
import {
  EptPdpte,
  EptPte,
  Eptp,
  isPresent,
  mapsPage,
  type Outcome,
  type WalkRead,
} from '../../model/ept/index.ts';
import { Spptp, SpptEntry } from '../../model/ept/spp/index.ts';
import type { Property } from '../../checker/index.ts';
import { facts, seed } from '../../model/citation.ts';
import { sppInvariant } from '../origin.ts';
import { sometimes } from '../sentence.ts';
import { type AccessSentence, everyAccess, forAccesses, sentence } from './sentence.ts';
import {
  decisionOf,
  eptReads,
  isOfSpp,
  isViolation,
  lastEntry,
  outcomeOf,
  spptReads,
  withWord,
} from './situation.ts';
import type { ViewedWalk } from './view.ts';

/** Whether reads are those of a walk from `root`: each table at the index that bits 12 + 9 (level - 1) and up give. */
function isWalkFrom(
  root: bigint,
  reads: readonly WalkRead<Word>[],
  gpa: bigint,
  tableIn: (word: Word) => bigint,
): boolean {
  let table = root;
  return reads.every(({ level, address, word }, i) => {
    const index = (gpa / 2n ** BigInt(12 + 9 * (level - 1))) % 512n;
    const isHere = address === table + 8n * index;
    if (i < reads.length - 1) table = tableIn(word);
    return isHere;
  });
}

/** The order of decisions, and what each of them looks at: H5, H6, H11, H12. */
export const orderSentences: readonly AccessSentence[] = [
  sentence(
    'a misconfiguration is one for every access',
    sppInvariant('H5', 'misconfig never depends on access kind'),
    everyAccess,
    (situation, outcome) => {
      if (outcome.kind !== 'ept_misconfig') return true;
      return situation.accesses.every(access => {
        const other = outcomeOf({ ...situation, access });
        return other.kind === 'ept_misconfig' && other.level === outcome.level;
      });
    },
  ),
  sentence(
    'of an entry that is not present no bit is looked at but bit 63',
    sppInvariant('H5', 'not-present entry: outcome independent of its other bits'),
    everyAccess,
    (situation, outcome) => {
      const last = lastEntry(outcome);
      const { mbe } = situation.cpu.controls;
      if (last === undefined || !isViolation(outcome) || isPresent(last.word, mbe)) return true;
      const suppressVe = EptPte.get(last.word, 'suppressVe');
      const rights = { read: false, write: false, execute: false, executeUser: false };
      return [0n, 2n ** 63n - 1n].every(word => {
        const other = EptPte.with(word, { ...rights, suppressVe });
        return decisionOf(outcomeOf(withWord(situation, last, other))) === decisionOf(outcome);
      });
    },
  ),
  sentence(
    'an SPP event follows an EPT walk to a readable 4-KByte page',
    sppInvariant('H6', 'SPP outcome only after an EPT walk without not-present/misconfig, on a 4K leaf'),
    everyAccess,
    (situation, outcome) => {
      if (!isOfSpp(outcome) && spptReads(outcome).length === 0) return true;
      const entries = eptReads(outcome);
      const leaf = entries.at(-1);
      return (
        leaf?.level === 1 &&
        entries.every(
          ({ word, level }) => EptPte.get(word, 'read') && mapsPage(level, word) === (level === 1),
        ) &&
        EptPte.get(leaf.word, 'subPageWrite') &&
        situation.cpu.controls.spp
      );
    },
  ),
  sentence(
    'a walk reads each table once, top down, at the index that the address gives',
    sppInvariant('H11', 'SPPT walk reads exactly 4 (or fewer) words at the indexed addresses'),
    everyAccess,
    ({ cpu, access: { gpa } }, outcome) =>
      outcome.kind !== 'unknown' &&
      spptReads(outcome).length <= 4 &&
      isWalkFrom(Eptp.get(cpu.eptp, 'table'), eptReads(outcome), gpa, word =>
        EptPdpte.get(word, 'table'),
      ) &&
      isWalkFrom(Spptp.get(cpu.spptp, 'table'), spptReads(outcome), gpa, word =>
        SpptEntry.get(word, 'table'),
      ),
  ),
  sentence(
    'the host-physical address of an allowed access keeps the offset in the page and lies below 2^N',
    sppInvariant('H12', 'translation addresses < 2^N whenever allowed'),
    everyAccess,
    ({ cpu, access }, outcome) => {
      if (outcome.kind !== 'allowed') return true;
      const width = cpu.maxPhysicalAddressWidth;
      const size = { '4K': 2n ** 12n, '2M': 2n ** 21n, '1G': 2n ** 30n }[outcome.pageSize];
      return (
        outcome.hpa < 2n ** BigInt(width) &&
        (outcome.hpa - access.gpa) % size === 0n &&
        eptReads(outcome).every(({ word }) => !anySet(word, beyondWidth({ hi: 51, lo: 12 }, width)))
      );
    },
  ),
];

const endingNames: Readonly<Record<Outcome['kind'], string>> = {
  allowed: 'an access is allowed',
  ept_violation: 'an access is an EPT violation',
  ept_misconfig: 'an access meets a misconfigured EPT entry',
  spp_miss: 'a write misses in the SPPT',
  spp_misconfig: 'a write meets a misconfigured SPPT entry',
  virtualization_exception: 'an EPT violation becomes a virtualization exception',
  pml_full: 'the page-modification log is full',
  vmentry_fail: 'a VM entry fails',
  unknown: 'a walk needs a word that nobody knows',
};

/** Every ending that the words can lead to is reached, so that nothing holds because nothing happens. */
export const endings = (view: ViewedWalk): readonly Property[] => [
  ...view.endings.map(kind =>
    sometimes(
      endingNames[kind],
      { source: facts.eptSpp('4', 'exactly one outcome') },
      forAccesses(view, everyAccess, (_situation, outcome) => outcome.kind === kind),
    ),
  ),
  ...(view.spptWords.length > 0 && view.endings.includes('ept_violation')
    ? [
        sometimes(
          'a write is granted by the sub-page vector alone',
          { source: seed('001', '<true> allow, write access') },
          forAccesses(view, everyAccess, (_situation, o) => o.kind === 'allowed' && o.grantedBySpp),
        ),
        sometimes(
          'a write is denied by the sub-page vector alone',
          { source: seed('001', '<false> disallow, EPT violation') },
          forAccesses(
            view,
            everyAccess,
            (_situation, o) => o.kind === 'ept_violation' && o.cause.why === 'sub-page',
          ),
        ),
      ]
    : []),
];
