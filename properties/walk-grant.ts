import type { Property } from '../checker/index.ts';
import { EptPte, type Outcome, type WalkRead } from '../model/ept/index.ts';
import { permitsWrite, SppVector } from '../model/ept/spp/index.ts';
import { always } from './sentence.ts';
import {
  changed,
  decisionOf,
  eptReads,
  everyEntry,
  forAccesses,
  isWrite,
  lastEntry,
  outcomeOf,
  type Situation,
  spptReads,
  type ViewedWalk,
} from './walk-view.ts';
import { sppInvariant } from './origin.ts';

/** Flips bit 61 of a word. */
const flip61 = (word: bigint): bigint =>
  EptPte.with(word, { subPageWrite: !EptPte.get(word, 'subPageWrite') });

/** The same situation without an SPPT: every word of it unknown. */
const withoutSppt = (view: ViewedWalk, { memory, ...rest }: Situation): Situation => ({
  ...rest,
  memory: changed(memory, new Map(view.spptWords.map(address => [address, undefined]))),
});

/** The same situation with bit 61 of the last entry flipped. */
const withBit61Flipped = (situation: Situation, last: WalkRead | undefined): Situation =>
  last === undefined
    ? situation
    : { ...situation, memory: changed(situation.memory, new Map([[last.address, flip61(last.word)]])) };

const isSame = (situation: Situation, outcome: Outcome): boolean =>
  decisionOf(outcomeOf(situation)) === decisionOf(outcome);

const ignoresSpp = (view: ViewedWalk, situation: Situation, outcome: Outcome): boolean =>
  isSame(withoutSppt(view, situation), outcome) &&
  isSame(withBit61Flipped(withoutSppt(view, situation), lastEntry(outcome)), outcome);

/** Whether the words that were read grant a write: stated of the words alone. */
function isGranted(outcome: Outcome, { access }: Situation): boolean {
  if (everyEntry(outcome, 'write')) return true;
  const [l4, l3, l2, l1] = spptReads(outcome);
  if (l1 === undefined || [l4, l3, l2].some(entry => entry === undefined || entry.word % 2n === 0n))
    return false;
  const first = Number((access.gpa % 4096n) / 128n);
  const last = Math.min(31, Math.floor((Number(access.gpa % 4096n) + access.size - 1) / 128));
  for (let i = first; i <= last; i++) if (!permitsWrite(l1.word, i)) return false;
  return SppVector.reservedBits(l1.word, 52) === 0n;
}

const isDecided = (outcome: Outcome): boolean =>
  outcome.kind !== 'vmentry_fail' && outcome.kind !== 'unknown';

/** Who is granted an access, and on what it depends: H1 to H4, H7, H8. */
export const grantProperties = (view: ViewedWalk): readonly Property[] => [
  always(
    'a plain write is allowed only where every entry permits it or the vector permits every sub-page touched',
    sppInvariant('H1', 'allowed(write, gpa) <=> step-3 grant by EPT'),
    forAccesses(
      view,
      access => isWrite(access) && !access.supervisorShadowStack,
      (situation, outcome) => outcome.kind !== 'allowed' || isGranted(outcome, situation),
    ),
  ),
  always(
    'reads and fetches depend neither on the SPPT nor on bit 61',
    sppInvariant('H2', 'reads and fetches: outcome independent of SPPTP/SPPT content and of bit 61'),
    forAccesses(
      view,
      access => !isWrite(access) && !access.pageWalk,
      (situation, outcome) => !isDecided(outcome) || ignoresSpp(view, situation, outcome),
    ),
  ),
  always(
    'without the control nothing depends on the SPPT or on bit 61',
    sppInvariant('H3', 'control off => outcome independent of bit 61 and SPPT'),
    forAccesses(
      view,
      () => true,
      (situation, outcome) =>
        situation.cpu.controls.spp || !isDecided(outcome) || ignoresSpp(view, situation, outcome),
    ),
  ),
  always(
    'where every entry permits writes nothing depends on the SPPT',
    sppInvariant('H4', 'acc.W=1 => independent of SPPT'),
    forAccesses(
      view,
      () => true,
      (situation, outcome) =>
        !isDecided(outcome) ||
        !everyEntry(outcome, 'write') ||
        isSame(withoutSppt(view, situation), outcome),
    ),
  ),
  ...monotone(view),
];

/** H7 and H8: what a bit of the vector can change. */
const monotone = (view: ViewedWalk): readonly Property[] => [
  always(
    'a write that is denied stays denied when a bit of the vector is cleared',
    sppInvariant('H7', 'clearing a vector bit never turns denied into allowed'),
    forAccesses(view, isWrite, (situation, outcome) => {
      const vector = spptReads(outcome)[3];
      if (vector === undefined || outcome.kind === 'allowed') return true;
      return [0, 4, 5, 6, 31].every(
        i => outcomeOf(withWord(situation, vector, { [`subPage${i}`]: false })).kind !== 'allowed',
      );
    }),
  ),
  always(
    'the bits of other sub-pages do not decide, and any odd bit misconfigures every write that asks',
    sppInvariant(
      'H8',
      'never changes the outcome for sub-page i; odd bit flips every eligible write to misconfig',
    ),
    forAccesses(view, isWrite, (situation, outcome) => {
      const vector = spptReads(outcome)[3];
      if (vector === undefined || SppVector.reservedBits(vector.word, 52) !== 0n) return true;
      const { gpa, size } = situation.access;
      const offset = Number(gpa % 4096n);
      const isTouched = (i: number): boolean => 128 * i < offset + size && offset < 128 * (i + 1);
      const others = [0, 4, 5, 6, 7, 31].filter(i => !isTouched(i));
      return (
        others.every(i =>
          isSame(withWord(situation, vector, { [`subPage${i}`]: !permitsWrite(vector.word, i) }), outcome),
        ) &&
        [0, 5, 31].every(i => {
          const word = vector.word + SppVector.mask(`_${2 * i + 1}`);
          const memory = changed(situation.memory, new Map([[vector.address, word]]));
          return outcomeOf({ ...situation, memory }).kind === 'spp_misconfig';
        })
      );
    }),
  ),
  always(
    'a write bit set in a readable entry denies no write that was allowed',
    sppInvariant('H7', 'setting W never turns allowed into denied'),
    forAccesses(view, isWrite, (situation, outcome) => {
      if (outcome.kind !== 'allowed') return true;
      return eptReads(outcome)
        .filter(({ word }) => EptPte.get(word, 'read'))
        .every(({ address, word }) => {
          const memory = changed(
            situation.memory,
            new Map([[address, EptPte.with(word, { write: true })]]),
          );
          return outcomeOf({ ...situation, memory }).kind === 'allowed';
        });
    }),
  ),
];

function withWord(situation: Situation, at: WalkRead, values: Record<string, boolean>): Situation {
  const word = SppVector.with(at.word, values);
  return { ...situation, memory: changed(situation.memory, new Map([[at.address, word]])) };
}
