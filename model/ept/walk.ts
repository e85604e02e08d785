import type { Word } from '../bits/index.ts';
import type { PhysicalMemory } from '../memory/index.ts';
import type { Cpu } from './cpu.ts';
import type { Demand } from './demand.ts';
import { EptPdpte, EptPdpte1G, EptPde2M, EptPte } from './entry.ts';
import { Eptp } from './eptp.ts';
import { type entryAddress, type Level, levelsFrom } from './level.ts';
import type { MisconfigurationReason, misconfigurations } from './misconfiguration.ts';
import { mapsPage } from './rights.ts';
import type { MappedPage, WalkRead } from './translation.ts';

/** What a walk of the EPT asks of the rules. */
export interface EptRules {
  readonly misconfigurations: typeof misconfigurations;
  readonly entryAddress: typeof entryAddress;
  isPresent(word: Word, cpu: Cpu<Word>): boolean;
  /**
   * Whether an entry without the right asked for ends the walk there. Normatively none does: a misconfigured entry
   * below an entry without the right is a misconfiguration, not a violation. Facts 1.3: "a permission shortfall
   * does NOT stop it".
   */
  endsWalkEarly(word: Word, demand: Demand): boolean;
}

export type EptWalk<W extends Word = bigint> = { readonly reads: readonly WalkRead<W>[] } & (
  | { readonly kind: 'page'; readonly page: MappedPage<W> }
  | { readonly kind: 'not-present'; readonly level: Level }
  | { readonly kind: 'misconfigured'; readonly level: Level; readonly reason: MisconfigurationReason }
  | { readonly kind: 'cut-short'; readonly level: Level }
  | { readonly kind: 'unknown'; readonly level: Level; readonly address: bigint }
);

const pageOf = (level: Level, word: Word): Pick<MappedPage, 'level' | 'pageSize' | 'page'> => {
  switch (level) {
    case 1:
      return { level, pageSize: '4K', page: EptPte.get(word, 'page') };
    case 2:
      return { level, pageSize: '2M', page: EptPde2M.get(word, 'page') };
    case 3:
      return { level, pageSize: '1G', page: EptPdpte1G.get(word, 'page') };
    default:
      throw new RangeError(`a level-${level} entry maps no page`);
  }
};

/**
 * Walks the EPT from the EPTP to the leaf, top down; facts 2, step 2. An entry is asked first whether it is present
 * and then whether it is well-formed.
 */
export function walkEpt<W extends Word>(
  memory: PhysicalMemory<W>,
  cpu: Cpu<Word>,
  demand: Demand,
  rules: EptRules,
): EptWalk<W> {
  const { gpa } = demand.access;
  const reads: WalkRead<W>[] = [];
  let table = Eptp.get(cpu.eptp, 'table');
  for (const level of levelsFrom(Eptp.isOneOf(cpu.eptp, 'walkLengthMinusOne', [4]) ? 5 : 4)) {
    const address = rules.entryAddress(table, level, gpa);
    const word = memory.read(address);
    if (word === undefined) return { kind: 'unknown', level, address, reads };
    const read = { table: 'ept', level, address, word } as const;
    reads.push(read);
    if (!rules.isPresent(word, cpu)) return { kind: 'not-present', level, reads };
    const isPage = mapsPage(level, word);
    const wrong = rules.misconfigurations.find(check => check.holds({ level, word, isPage, cpu }));
    if (wrong !== undefined) return { kind: 'misconfigured', level, reason: wrong.name, reads };
    if (rules.endsWalkEarly(word, demand)) return { kind: 'cut-short', level, reads };
    if (isPage) {
      return { kind: 'page', reads, page: { ...pageOf(level, word), leaf: read, entries: reads } };
    }
    table = EptPdpte.get(word, 'table');
  }
  throw new Error('a walk ends at level 1 at the latest');
}
