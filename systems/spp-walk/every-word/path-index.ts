import type { Observed, Question, Word, WordSet } from '../../../model/bits/index.ts';
import { type Outcome, translate } from '../../../model/ept/index.ts';
import { type PhysicalMemory, tracedMemory } from '../../../model/memory/index.ts';
import type { AnyOutcome } from '../../../properties/walk/index.ts';
import { endingOfWalk } from './ending.ts';
import type { Setting } from './settings.ts';
import { walkPaths } from './walk-paths.ts';

/** One path of a setting: its place in the order of the paths, how it ends, and which words it stands for. */
export interface IndexedPath {
  readonly number: number;
  readonly outcome: Outcome<Observed>;
  readonly sets: readonly WordSet[];
}

/** The paths of a setting whose fields do not vary, found by what a memory that is really there answers. */
export class PathIndex {
  readonly #setting: Setting;
  readonly #paths = new Map<string, IndexedPath>();

  constructor(setting: Setting) {
    this.#setting = setting;
    for (const { memory, outcome } of walkPaths(setting))
      this.#paths.set(asked(memory.questions), {
        number: this.#paths.size + 1,
        outcome,
        sets: [...memory.words.values()].map(({ set }) => set),
      });
  }

  get size(): number {
    return this.#paths.size;
  }

  /** The path that a memory is on, and the words that the walk asks of it, in order. */
  pathOf(memory: PhysicalMemory): {
    readonly path: IndexedPath | undefined;
    readonly words: readonly bigint[];
  } {
    const traced = tracedMemory(memory);
    translate<Word>(traced, this.#setting.cpu, this.#setting.access);
    const words = [...traced.words.keys()].flatMap(place =>
      typeof place === 'string' ? [] : (memory.read(place) ?? []),
    );
    return { path: this.#paths.get(asked(traced.questions)), words };
  }
}

/** What was asked and answered, as one text. */
const asked = (questions: readonly Question[]): string =>
  questions.map(({ word, asks, mask, answer }) => `${word} ${asks} ${mask} ${answer}`).join(', ');

/** Why a memory is not on the one path that it belongs to, or does not end as that path does; nothing where it does. */
export function strayOf(
  index: PathIndex,
  { cpu, access }: Setting,
  memory: PhysicalMemory,
): string | undefined {
  const { path, words } = index.pathOf(memory);
  if (path === undefined) return 'no path asks this';
  const { outcome, sets } = path;
  if (sets.length !== words.length || !sets.every((set, at) => set.has(words[at] ?? 0n)))
    return `path ${path.number} does not have these words`;
  const ended = translate(memory, cpu, access);
  const isSame =
    endingOfWalk(ended) === endingOfWalk(outcome) &&
    qualificationOf(ended) === qualificationOf(outcome) &&
    ended.walk.length === outcome.walk.length;
  return isSame
    ? undefined
    : `it ends in ${endingOfWalk(ended)}, path ${path.number} in ${endingOfWalk(outcome)}`;
}

const qualificationOf = (outcome: AnyOutcome): bigint | undefined =>
  'qualification' in outcome ? outcome.qualification : undefined;
