import { bitsNamed, countOf, type Question, setBits, type Word } from '../../bits/index.ts';
import { type PhysicalMemory, sizeOf, tracedMemory } from '../../memory/index.ts';
import type { Access } from '../access.ts';
import type { Cpu } from '../cpu.ts';
import type { WalkRules } from '../rules.ts';
import { translate } from '../translate.ts';
import { SppVector } from '../spp/entry.ts';
import { describeEntry } from './describe.ts';

/** One word that decided, with what was asked of it. */
export interface DecidingWord {
  /** `PTE`, `L1E`; the header of the #VE information area is `VE info`. */
  readonly name: string;
  readonly address: bigint;
  readonly word: bigint;
  /** What was asked, in order, each with its answer, in words. */
  readonly asked: readonly string[];
  /** The bits that were looked at. Those of an address are followed and not looked at. */
  readonly bits: bigint;
  /** How many words would have answered the same. */
  readonly words: bigint;
}

/** What decided how an access ends: the words that were asked, and how many memories end in the same way. */
export interface WhyBits {
  readonly words: readonly DecidingWord[];
  /** Contents of these words, of 2^64 each. */
  readonly memories: bigint;
  readonly of: bigint;
}

/** What was asked of a word that is really there, and what it answered. */
function askedInWords({ asks, mask }: Question, word: bigint): string {
  const found = setBits(word, mask);
  const named = mask === SppVector.reservedMask ? 'the odd bits' : bitsNamed(mask);
  const isOne = countOf(mask) === 1;
  if (asks === 'any' && !isOne)
    return found === 0n ? `none of ${named} is 1` : `${bitsNamed(found)} of ${named} set`;
  if (isOne) return `${named} is ${found === 0n ? 0 : 1}`;
  const value = found / (mask & -mask);
  return `${named} are ${value}${asks === 'one of' ? ', or another value that does as well' : ''}`;
}

/**
 * Which bits decide how an access ends, in the order in which they are asked: the walk is run on words that answer
 * only what it asks, and every memory that answers the same ends in the same way.
 */
export function whyBits(memory: PhysicalMemory, cpu: Cpu, access: Access, rules: WalkRules): WhyBits {
  const traced = tracedMemory(memory);
  const { walk } = translate<Word>(traced, cpu, access, rules);
  const words = [...traced.words].flatMap(([address, { number, set }]): DecidingWord[] => {
    const word = typeof address === 'bigint' ? memory.read(address) : undefined;
    if (typeof address !== 'bigint' || word === undefined) return [];
    const read = walk.find(one => one.address === address);
    return [
      {
        name: read === undefined ? 'VE info' : describeEntry({ ...read, word }).name,
        address,
        word,
        asked: traced.questions
          .filter(question => question.word === number)
          .map(question => askedInWords(question, word)),
        bits: set.seen,
        words: set.size,
      },
    ];
  });
  const { size, of } = sizeOf(traced);
  return { words, memories: size, of };
}

/** An exact number as people read it: `2^55`, `63 × 2^50`. */
export function powerOfTwo(count: bigint): string {
  let [odd, power] = [count, 0];
  while (odd > 0n && odd % 2n === 0n) [odd, power] = [odd / 2n, power + 1];
  if (odd === 1n) return `2^${power}`;
  return power === 0 ? String(odd) : `${odd} × 2^${power}`;
}
