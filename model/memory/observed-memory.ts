import { type Choose, Observed, type Question, type WordSet } from '../bits/index.ts';
import { type PhysicalMemory, type SparseMemory, sparseMemory } from './memory.ts';

/** Physical memory of which only that is known which was asked. */
export interface ObservedMemory extends PhysicalMemory<Observed> {
  /** The words that were read, by address or name, in the order in which they were first read. */
  readonly words: ReadonlyMap<bigint | string, Observed>;
  /** A word that lies beside memory: a field of the VMCS. */
  named(name: string): Observed;
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
  wordAt: (place: bigint | string, number: number, questions: Question[]) => Observed | undefined,
): ObservedMemory {
  const words = new Map<bigint | string, Observed>();
  const questions: Question[] = [];
  const read = (place: bigint | string): Observed | undefined => {
    const known = words.get(place) ?? wordAt(place, words.size, questions);
    if (known !== undefined) words.set(place, known);
    return known;
  };
  return {
    words,
    questions,
    read,
    named(name) {
      const word = read(name);
      if (word === undefined) throw new RangeError(`nobody knows the word ${name}`);
      return word;
    },
    save() {
      const asked = questions.length;
      const sets = [...words].map(([at, word]): [bigint | string, Observed, WordSet, bigint] => {
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

/**
 * A memory that is really there, and words beside it, as the same code sees them: what was asked of each word is
 * written down.
 */
export const tracedMemory = (
  memory: PhysicalMemory,
  named: Readonly<Record<string, bigint>> = {},
): ObservedMemory =>
  observing((place, number, questions) => {
    const actual = typeof place === 'string' ? named[place] : memory.read(place);
    if (actual === undefined) return undefined;
    return new Observed(number, actual, (_, of) => of(actual), questions);
  });

/** How many contents the words of a memory have together, as far as they are known, and how many such words have at all: 2^64 each. */
export function sizeOf(memory: ObservedMemory): { readonly size: bigint; readonly of: bigint } {
  let [size, of] = [1n, 1n];
  for (const { set } of memory.words.values()) {
    size *= set.size;
    of <<= 64n;
  }
  return { size, of };
}

/** One memory of those that an observed one may be, and the words beside it. */
export interface Member {
  readonly memory: SparseMemory;
  readonly named: Readonly<Record<string, bigint>>;
}

/**
 * The member in which each word is the smallest, or the largest, that it may be. What lies behind a stand-in lies
 * where the word that had it points: elsewhere, where the word must have address bits that the stand-in has not.
 */
export function memberOf(observed: ObservedMemory, which: 'smallest' | 'largest'): Member {
  const moved = new Map<bigint, bigint>();
  const words: [bigint, bigint][] = [];
  const named: Record<string, bigint> = {};
  for (const [at, word] of observed.words) {
    const actual = word[which];
    if (typeof at === 'string') named[at] = actual;
    else {
      const offset = at % standInSize;
      words.push([(moved.get(at - offset) ?? at - offset) + offset, actual]);
    }
    moved.set(word.standIn, word.actualAddress(actual));
  }
  return { memory: sparseMemory(words), named };
}
