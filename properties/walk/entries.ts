import { anySet, beyondWidth, maskOf, type Word } from '../../model/bits/index.ts';
import { type Cpu, type Level, mapsPage, type WalkRead } from '../../model/ept/index.ts';
import { sppInvariant } from '../origin.ts';
import { type AccessSentence, everyAccess, sentence } from './sentence.ts';
import { eptReads, spptReads } from './situation.ts';

type Range = readonly [hi: number, lo: number];

/** The bits that must be 0, by level, as the table of formats writes them: facts 1.2, its row R0, and 51:N. */
const ofTables: Readonly<Record<number, readonly Range[]>> = {
  5: [[7, 3]],
  4: [[7, 3]],
  3: [[6, 3]],
  2: [[6, 3]],
};
const ofPages: Readonly<Record<number, readonly Range[]>> = { 3: [[29, 12]], 2: [[20, 12]], 1: [] };

/** The bits of an SPPT L4E, L3E or L2E that must be 0, and 51:N; the odd bits of a vector. Seed 001. */
const ofSppt: readonly Range[] = [
  [11, 1],
  [63, 52],
];
const oddBits: readonly Range[] = Array.from({ length: 32 }, (_, i) => [2 * i + 1, 2 * i + 1]);

const union = (ranges: readonly Range[]): bigint =>
  ranges.reduce((mask, [hi, lo]) => mask | maskOf({ hi, lo }), 0n);

/** The bits that must be 0 in an entry of one level on a processor with this physical-address width. */
export function mustBeZero(kind: 'ept table' | 'ept page' | 'sppt', level: Level, width: number): bigint {
  const beyond = beyondWidth({ hi: 51, lo: 12 }, width);
  if (kind === 'sppt') return level === 1 ? union(oddBits) : union(ofSppt) | beyond;
  return union((kind === 'ept page' ? ofPages : ofTables)[level] ?? []) | beyond;
}

/** Whether a bit that must be 0 is 1 in an entry. */
function isReservedSet(
  { table, level, word }: WalkRead<Word>,
  { maxPhysicalAddressWidth }: Cpu<Word>,
): boolean {
  const kind = table === 'sppt' ? 'sppt' : mapsPage(level, word) ? 'ept page' : 'ept table';
  return anySet(word, mustBeZero(kind, level, maxPhysicalAddressWidth));
}

/**
 * H10. An entry that the walk went past is one that it used; the one that misconfigures, or is not there, comes last.
 */
export const entrySentences: readonly AccessSentence[] = [
  sentence(
    'no bit that must be 0 is 1 in an entry that the walk goes past',
    sppInvariant(
      'H10',
      'setting it in any present used entry => misconfig at that level; in SPPT likewise',
    ),
    everyAccess,
    ({ cpu }, outcome) => {
      const ends =
        outcome.kind === 'ept_misconfig' ||
        outcome.kind === 'spp_misconfig' ||
        outcome.kind === 'spp_miss' ||
        ('cause' in outcome && outcome.cause.why === 'not-present');
      const [ept, sppt] = [eptReads(outcome), spptReads(outcome)];
      const used = ends ? [...ept, ...sppt].slice(0, -1) : [...ept, ...sppt];
      return used.every(read => !isReservedSet(read, cpu));
    },
  ),
  sentence(
    'an SPPT entry that misconfigures is valid, or a vector, and has a bit set that must be 0',
    sppInvariant('H10', 'in SPPT likewise incl. 63:52'),
    everyAccess,
    ({ cpu }, outcome) => {
      const last = spptReads(outcome).at(-1);
      if (outcome.kind !== 'spp_misconfig' || last === undefined) return outcome.kind !== 'spp_misconfig';
      return isReservedSet(last, cpu) && last.level === outcome.level;
    },
  ),
];
