import type { Property } from '../checker/index.ts';
import { EptPte, isPresent, mapsPage, type Outcome } from '../model/ept/index.ts';
import { always, sometimes } from './sentence.ts';
import {
  changed,
  decisionOf,
  eptReads,
  forAccesses,
  lastEntry,
  outcomeOf,
  spptReads,
  type ViewedWalk,
} from './walk-view.ts';
import { facts, seed } from '../model/citation.ts';
import { sppInvariant } from './origin.ts';

const everyAccess = (): boolean => true;

const isOfSpp = ({ kind }: Outcome): boolean => kind === 'spp_miss' || kind === 'spp_misconfig';

/** The order of decisions, and what each of them looks at: H5, H6, H11, H12. */
export const orderProperties = (view: ViewedWalk): readonly Property[] => [
  always(
    'a misconfiguration is one for every access',
    sppInvariant('H5', 'misconfig never depends on access kind'),
    forAccesses(view, everyAccess, (situation, outcome) => {
      if (outcome.kind !== 'ept_misconfig') return true;
      return view.accesses.every(({ access }) => {
        const other = outcomeOf({ ...situation, access });
        return other.kind === 'ept_misconfig' && other.level === outcome.level;
      });
    }),
  ),
  always(
    'of an entry that is not present no bit is looked at but bit 63',
    sppInvariant('H5', 'not-present entry: outcome independent of its other bits'),
    forAccesses(view, everyAccess, (situation, outcome) => {
      const last = lastEntry(outcome);
      const { mbe } = situation.cpu.controls;
      if (last === undefined || isPresent(last.word, mbe) || !isViolation(outcome)) return true;
      const suppressVe = EptPte.get(last.word, 'suppressVe');
      const rights = { read: false, write: false, execute: false, executeUser: false };
      return [0n, 2n ** 63n - 1n].every(word => {
        const other = EptPte.with(word, { ...rights, suppressVe });
        const memory = changed(situation.memory, new Map([[last.address, other]]));
        return decisionOf(outcomeOf({ ...situation, memory })) === decisionOf(outcome);
      });
    }),
  ),
  always(
    'an SPP event follows an EPT walk to a readable 4-KByte page',
    sppInvariant('H6', 'SPP outcome only after an EPT walk without not-present/misconfig, on a 4K leaf'),
    forAccesses(view, everyAccess, (situation, outcome) => {
      if (!isOfSpp(outcome) && spptReads(outcome).length === 0) return true;
      const entries = eptReads(outcome);
      return (
        entries.at(-1)?.level === 1 &&
        entries.every(
          ({ word, level }) => EptPte.get(word, 'read') && mapsPage(level, word) === (level === 1),
        ) &&
        EptPte.get(entries.at(-1)?.word ?? 0n, 'subPageWrite') &&
        situation.cpu.controls.spp
      );
    }),
  ),
  always(
    'a walk reads each table once, top down, at the index that the address gives',
    sppInvariant('H11', 'SPPT walk reads exactly 4 (or fewer) words at the indexed addresses'),
    forAccesses(view, everyAccess, (_situation, outcome) => {
      const sppt = spptReads(outcome).map(({ address }) => address);
      const ept = eptReads(outcome).map(({ address }) => address);
      return (
        outcome.kind !== 'unknown' &&
        ept.every((address, i) => address === view.eptWords[i]) &&
        sppt.every((address, i) => address === view.spptWords[i])
      );
    }),
  ),
  always(
    'the host-physical address of an allowed access keeps the offset in the page and lies below 2^N',
    sppInvariant('H12', 'translation addresses < 2^N whenever allowed'),
    forAccesses(view, everyAccess, ({ cpu, access }, outcome) => {
      if (outcome.kind !== 'allowed') return true;
      const size = { '4K': 2n ** 12n, '2M': 2n ** 21n, '1G': 2n ** 30n }[outcome.pageSize];
      return (
        outcome.hpa < 2n ** BigInt(cpu.maxPhysicalAddressWidth) && (outcome.hpa - access.gpa) % size === 0n
      );
    }),
  ),
];

const isViolation = ({ kind }: Outcome): boolean =>
  kind === 'ept_violation' || kind === 'virtualization_exception';

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
