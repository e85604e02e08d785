import { sameWord, type Word } from '../../model/bits/index.ts';
import {
  type Access,
  allGive,
  type Cpu,
  type Outcome,
  type Right,
  translate,
  type WalkRead,
  type WalkRules,
} from '../../model/ept/index.ts';
import type { MemoryWrite, PhysicalMemory } from '../../model/memory/index.ts';

/** A memory and a processor as one access meets them. The words may be concrete or observed. */
export interface Situation {
  readonly memory: PhysicalMemory<Word>;
  readonly cpu: Cpu<Word>;
  readonly access: Access;
  readonly rules: WalkRules;
  /** Accesses to the same page, of every kind that a sentence may compare with. */
  readonly accesses: readonly Access[];
}

/** What becomes of an access, whatever the words are. */
export type AnyOutcome = Outcome<Word>;

export const outcomeOf = ({ memory, cpu, access, rules }: Situation): AnyOutcome =>
  translate(memory, cpu, access, rules);

/** The same memory but for some words: another value, or unknown. */
const changed = (
  memory: PhysicalMemory<Word>,
  words: ReadonlyMap<bigint, Word | undefined>,
): PhysicalMemory<Word> => ({
  read: address => (words.has(address) ? words.get(address) : memory.read(address)),
});

/** The same situation with another word at one place. */
export const withWord = (situation: Situation, { address }: WalkRead<Word>, word: Word): Situation => ({
  ...situation,
  memory: changed(situation.memory, new Map([[address, word]])),
});

/** What two outcomes must have in common to be one decision. */
export const decisionOf = (outcome: AnyOutcome): string => {
  const level = 'level' in outcome ? outcome.level : '';
  return outcome.kind === 'allowed'
    ? `allowed ${outcome.hpa} ${outcome.pageSize} ${outcome.grantedBySpp}`
    : `${outcome.kind} ${level}`;
};

export const isWrite = ({ kind }: Access): boolean =>
  kind === 'write' || kind === 'rmw' || kind === 'shadow_stack_write';

export const eptReads = (outcome: AnyOutcome): readonly WalkRead<Word>[] =>
  outcome.walk.filter(({ table }) => table === 'ept');
export const spptReads = (outcome: AnyOutcome): readonly WalkRead<Word>[] =>
  outcome.walk.filter(({ table }) => table === 'sppt');

/** Whether every entry that the walk read has the bit. */
export const everyEntry = (outcome: AnyOutcome, right: Right): boolean => allGive(eptReads(outcome), right);

/** The last EPT entry that the walk read. */
export const lastEntry = (outcome: AnyOutcome): WalkRead<Word> | undefined => eptReads(outcome).at(-1);

export const isViolation = ({ kind }: AnyOutcome): boolean =>
  kind === 'ept_violation' || kind === 'virtualization_exception';

export const isOfSpp = ({ kind }: AnyOutcome): boolean => kind === 'spp_miss' || kind === 'spp_misconfig';

/** The words that the processor itself writes. */
export const writesOf = (outcome: AnyOutcome): readonly MemoryWrite<Word>[] =>
  ('memoryWrites' in outcome ? outcome.memoryWrites : undefined) ?? [];

export const isSameWrite = (a: MemoryWrite<Word>, b: MemoryWrite<Word>): boolean =>
  a.address === b.address && a.bytes === b.bytes && sameWord(a.word, b.word);
