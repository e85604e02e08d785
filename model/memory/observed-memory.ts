import { type Choose, Observed, type Question, type WordSet } from '../bits/index.ts';
import { type PhysicalMemory, type SparseMemory, sparseMemory } from './memory.ts';

/** Physical memory of which only that is known which was asked. */
export interface ObservedMemory extends PhysicalMemory<Observed> {
  /** The words that were read, by address, in the order in which they were first read. */
  readonly words: ReadonlyMap<bigint, Observed>;
  /** Every question that had more than one answer, in order. */
  readonly questions: readonly Question[];
  /** Remembers what is known now. The function that it gives puts that back, as often as it is called. */
  save(): () => void;
}

/** Where stand-ins lie: each in a GByte of its own, so that it can be the address of a table or page of any size. */
const standInSize = 2n ** 30n;

/** What stands for the address in the `n`th word that is read. All are below 2^36. */
export const standIn = (n: number): bigint => (BigInt(n) + 1n) * standInSize;

function observing(
  wordAt: (address: bigint, number: number, questions: Question[]) => Observed | undefined,
): ObservedMemory {
  const words = new Map<bigint, Observed>();
  const questions: Question[] = [];
  return {
    words,
    questions,
    read(address) {
      const known = words.get(address) ?? wordAt(address, words.size, questions);
      if (known !== undefined) words.set(address, known);
      return known;
    },
    save() {
      const asked = questions.length;
      const sets = [...words].map(([at, word]): [bigint, Observed, WordSet, bigint] => {
        return [at, word, word.set, word.addressBits];
      });
      return () => {
        questions.length = asked;
        words.clear();
        for (const [at, word, set, addressBits] of sets) {
          word.set = set;
          word.addressBits = addressBits;
          words.set(at, word);
        }
      };
    },
  };
}

/**
 * Memory that may hold anything: `choose` answers each question about a word. The address in a word is no question:
 * whatever it is, the next word lies there, and what that holds is asked when it is read. Where two addresses are
 * one, their words are one, and the answers are those of a memory in which two words happen to be equal.
 */
export const observedMemory = (choose: Choose, address: (n: number) => bigint = standIn): ObservedMemory =>
  observing((_, number, questions) => new Observed(number, address(number), choose, questions));

/** A memory that is really there, as the same code sees it: what was asked of each word is written down. */
export const tracedMemory = (memory: PhysicalMemory): ObservedMemory =>
  observing((address, number, questions) => {
    const actual = memory.read(address);
    if (actual === undefined) return undefined;
    return new Observed(number, actual, (_, of) => of(actual), questions);
  });

/**
 * The memory in which each word is the smallest, or the largest, that it may be. What lies behind a stand-in lies
 * where the word that had it points: elsewhere, where the word must have address bits that the stand-in has not.
 */
export function memoryWith(observed: ObservedMemory, which: 'smallest' | 'largest'): SparseMemory {
  const moved = new Map<bigint, bigint>();
  const words: [bigint, bigint][] = [];
  for (const [at, word] of observed.words) {
    const actual = word[which];
    const offset = at % standInSize;
    words.push([(moved.get(at - offset) ?? at - offset) + offset, actual]);
    moved.set(word.standIn, word.actualAddress(actual));
  }
  return sparseMemory(words);
}
