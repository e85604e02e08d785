import { anySet, withSet } from '../../model/bits/index.ts';
import { type Cpu, EptPte, touchedSubPages, type WalkRead } from '../../model/ept/index.ts';
import { permitsWrite, SpptEntry, SppVector } from '../../model/ept/spp/index.ts';
import type { Word } from '../../model/bits/index.ts';
import { sppInvariant } from '../origin.ts';
import { type AccessSentence, everyAccess, sentence } from './sentence.ts';
import {
  type AnyOutcome,
  decisionOf,
  eptReads,
  everyEntry,
  isOfSpp,
  isWrite,
  lastEntry,
  outcomeOf,
  type Situation,
  spptReads,
  withWord,
} from './situation.ts';

/** A page of physical memory of which nobody knows a word. */
const nowhere = 0xf_ffff_f000n;

/** The same situation without an SPPT: its pointer leads to where every word is unknown. */
function withoutSppt({ memory, cpu, ...rest }: Situation): Situation {
  const elsewhere: Cpu<Word> = { ...cpu, spptp: nowhere };
  return {
    ...rest,
    cpu: elsewhere,
    memory: {
      read: address => (address >= nowhere && address < nowhere + 4096n ? undefined : memory.read(address)),
    },
  };
}

const isSame = (situation: Situation, outcome: AnyOutcome): boolean =>
  decisionOf(outcomeOf(situation)) === decisionOf(outcome);

/** Whether the outcome is the same without an SPPT, whatever bit 61 of the last entry is. */
function ignoresSpp(situation: Situation, outcome: AnyOutcome): boolean {
  const bare = withoutSppt(situation);
  const last = lastEntry(outcome);
  if (!isSame(bare, outcome)) return false;
  return [false, true].every(
    subPageWrite =>
      last === undefined || isSame(withWord(bare, last, EptPte.with(last.word, { subPageWrite })), outcome),
  );
}

/** Whether the words that were read grant a write: stated of the words alone. */
function isGranted(outcome: AnyOutcome, { access }: Situation): boolean {
  if (everyEntry(outcome, 'write')) return true;
  const [l4, l3, l2, l1] = spptReads(outcome);
  if (l1 === undefined) return false;
  if ([l4, l3, l2].some(entry => entry === undefined || !SpptEntry.get(entry.word, 'valid'))) return false;
  const first = Number((access.gpa % 4096n) / 128n);
  const last = Math.min(31, Math.floor((Number(access.gpa % 4096n) + access.size - 1) / 128));
  for (let i = first; i <= last; i++) if (!permitsWrite(l1.word, i)) return false;
  return !anySet(l1.word, SppVector.reservedMask);
}

const isDecided = ({ kind }: AnyOutcome): boolean => kind !== 'vmentry_fail' && kind !== 'unknown';

/** Whether the walk came to a page and, where it asked the SPPT, to a vector: nothing but rights decides then. */
const isByRights = (outcome: AnyOutcome): boolean =>
  !isOfSpp(outcome) && (!('cause' in outcome) || outcome.cause.why !== 'not-present') && isDecided(outcome);

/** The vector that the walk read. */
const vectorOf = (outcome: AnyOutcome): WalkRead<Word> | undefined => spptReads(outcome)[3];

/** The vector with the bits of some sub-pages set or cleared. */
const withSubPages = (vector: WalkRead<Word>, subPages: readonly number[], isWritable: boolean): Word =>
  SppVector.with(vector.word, Object.fromEntries(subPages.map(i => [`subPage${i}`, isWritable])));

const everySubPage = Array.from({ length: 32 }, (_, i) => i);

/** Who is granted an access, and on what it depends: H1 to H4, H7, H8. */
export const grantSentences: readonly AccessSentence[] = [
  sentence(
    'a plain write is allowed only where every entry permits it or the vector permits every sub-page touched',
    sppInvariant('H1', 'allowed(write, gpa) <=> step-3 grant by EPT'),
    access => isWrite(access) && !access.supervisorShadowStack,
    (situation, outcome) => outcome.kind !== 'allowed' || isGranted(outcome, situation),
  ),
  sentence(
    'a plain write that the entries or the vector permit is no violation',
    sppInvariant('H1', 'allowed(write, gpa) <=> step-3 grant by EPT'),
    access => isWrite(access) && !access.supervisorShadowStack,
    (situation, outcome) => !isByRights(outcome) || !('cause' in outcome) || !isGranted(outcome, situation),
  ),
  sentence(
    'reads and fetches depend neither on the SPPT nor on bit 61',
    sppInvariant('H2', 'reads and fetches: outcome independent of SPPTP/SPPT content and of bit 61'),
    access => !isWrite(access) && !access.pageWalk,
    (situation, outcome) => !isDecided(outcome) || ignoresSpp(situation, outcome),
  ),
  sentence(
    'without the control nothing depends on the SPPT or on bit 61',
    sppInvariant('H3', 'control off => outcome independent of bit 61 and SPPT'),
    everyAccess,
    (situation, outcome) =>
      situation.cpu.controls.spp || !isDecided(outcome) || ignoresSpp(situation, outcome),
  ),
  sentence(
    'where every entry permits writes nothing depends on the SPPT',
    sppInvariant('H4', 'acc.W=1 => independent of SPPT'),
    everyAccess,
    (situation, outcome) =>
      !isDecided(outcome) || !everyEntry(outcome, 'write') || isSame(withoutSppt(situation), outcome),
  ),
  sentence(
    'a write that is denied stays denied when a bit of the vector is cleared',
    sppInvariant('H7', 'clearing a vector bit never turns denied into allowed'),
    isWrite,
    (situation, outcome) => {
      const vector = vectorOf(outcome);
      if (vector === undefined || outcome.kind === 'allowed') return true;
      const some = [...touchedSubPages(situation.access).map(i => [i]), everySubPage];
      return some.every(cleared => {
        const other = withWord(situation, vector, withSubPages(vector, cleared, false));
        return outcomeOf(other).kind !== 'allowed';
      });
    },
  ),
  sentence(
    'the bits of other sub-pages do not decide, and any odd bit misconfigures every write that asks',
    sppInvariant(
      'H8',
      'never changes the outcome for sub-page i; odd bit flips every eligible write to misconfig',
    ),
    isWrite,
    (situation, outcome) => {
      const vector = vectorOf(outcome);
      if (vector === undefined || anySet(vector.word, SppVector.reservedMask)) return true;
      const touched = touchedSubPages(situation.access);
      const others = everySubPage.filter(i => !touched.includes(i));
      return (
        [false, true].every(bit =>
          isSame(withWord(situation, vector, withSubPages(vector, others, bit)), outcome),
        ) &&
        [0, 5, 31].every(i => {
          const odd = withSet(vector.word, SppVector.mask(`_${2 * i + 1}`));
          return outcomeOf(withWord(situation, vector, odd)).kind === 'spp_misconfig';
        })
      );
    },
  ),
  sentence(
    'a write bit set in a readable entry denies no write that was allowed',
    sppInvariant('H7', 'setting W never turns allowed into denied'),
    isWrite,
    (situation, outcome) => {
      if (outcome.kind !== 'allowed') return true;
      return eptReads(outcome)
        .filter(({ word }) => EptPte.get(word, 'read'))
        .every(entry => {
          const writable = EptPte.with(entry.word, { write: true });
          return outcomeOf(withWord(situation, entry, writable)).kind === 'allowed';
        });
    },
  ),
];
