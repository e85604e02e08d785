import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathsOf } from '../../../checker/forks/index.ts';
import {
  anySet,
  Observed,
  type ObservedWord,
  type Question,
  sameWord,
  type Word,
} from '../../../model/bits/index.ts';

const everyBit = 2n ** 64n - 1n;

/** A question that code may ask of a word, and its answer as text. */
type Ask = (word: Word) => string;

const bitsOf = (word: Word, mask: bigint): bigint =>
  typeof word === 'bigint' ? word & mask : word.bits(mask);
const isOneOf = (word: Word, mask: bigint, values: readonly bigint[]): boolean =>
  typeof word === 'bigint' ? values.includes(word & mask) : word.isOneOf(mask, values);
const withBits = (word: Word, mask: bigint, value: bigint): Word =>
  typeof word === 'bigint' ? (word & ~mask) | value : word.with(mask, value);

/** Masks that meet in many ways, within 16 bits of the word: its other 48 are looked at too, and must make no difference. */
const mask = fc.bigInt({ min: 1n, max: 0xffffn });
const narrow = mask.map(bits => {
  let few = 0n;
  let rest = bits;
  for (let i = 0; i < 3 && rest !== 0n; i++) {
    few |= rest & -rest;
    rest &= rest - 1n;
  }
  return few;
});

const question: fc.Arbitrary<Ask> = fc.oneof(
  narrow.map(
    (bits): Ask =>
      word =>
        `bits ${bitsOf(word, bits)}`,
  ),
  mask.map(
    (bits): Ask =>
      word =>
        `any ${anySet(word, bits)}`,
  ),
  fc.tuple(narrow, fc.array(fc.bigInt({ min: 0n, max: 0xffffn }), { maxLength: 4 })).map(
    ([bits, values]): Ask =>
      word =>
        `of ${isOneOf(
          word,
          bits,
          values.map(value => value & bits),
        )}`,
  ),
);
const overlaid: fc.Arbitrary<Ask> = fc.tuple(narrow, fc.bigInt({ min: 0n, max: 0xffffn }), question).map(
  ([bits, value, ask]): Ask =>
    word =>
      ask(withBits(word, bits, value & bits)),
);

interface Found {
  readonly answers: string;
  readonly word: Observed;
}

const pathsFor = (asks: readonly Ask[]): Found[] =>
  [
    ...pathsOf((fork): Found => {
      const word = new Observed(0, 0n, fork, []);
      return { answers: asks.map(ask => ask(word)).join(', '), word };
    }),
  ].map(({ result }) => result);

describe('an observed word', () => {
  test('answers like every word of its set, and the sets of all paths are all words, each once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(question, overlaid), { minLength: 1, maxLength: 5 }),
        fc.array(fc.bigInt({ min: 0n, max: everyBit }), { minLength: 1, maxLength: 8 }),
        (asks, words) => {
          const paths = pathsFor(asks);
          expect(paths.reduce((sum, { word }) => sum + word.set.size, 0n)).toBe(2n ** 64n);
          for (const { answers, word } of paths) {
            for (const concrete of [word.set.smallest, word.set.largest]) {
              expect(word.set.has(concrete)).toBe(true);
              expect(asks.map(ask => ask(concrete)).join(', ')).toBe(answers);
            }
          }
          for (const concrete of words) {
            const [found, ...others] = paths.filter(({ word }) => word.set.has(concrete));
            expect(others).toEqual([]);
            expect(found?.answers).toBe(asks.map(ask => ask(concrete)).join(', '));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('that is asked whether any of 40 bits is 1 is one of two sets, and of two again for one of them', () => {
    const some = 0xff_ffff_ffffn;
    const sizes = pathsFor([word => String(anySet(word, some)), word => String(bitsOf(word, 1n))]).map(
      ({ word }) => word.set.size,
    );
    expect(sizes).toEqual([2n ** 24n, 2n ** 24n * (2n ** 39n - 1n), 2n ** 63n]);
  });

  test('that is compared with words, or in a wide field, is one of two sets each time', () => {
    const page = 0xf_ffff_ffff_f000n;
    const asks: readonly Ask[] = [
      word => String(bitsOf(word, 3n)),
      word => String(isOneOf(word, page, [0x1000n, 0x2000n])),
      word => String(isOneOf(word, page, [0x2000n, 0x5000n])),
      word => String(bitsOf(word, 0x3000n)),
    ];
    const asked = [asks.slice(0, 3), asks.slice(0, 2), [asks[1], asks[3]], [asks[3], asks[1]]] as Ask[][];
    for (const some of asked) {
      const paths = pathsFor(some);
      expect(paths.reduce((sum, { word }) => sum + word.set.size, 0n)).toBe(2n ** 64n);
      for (const { answers, word } of paths)
        for (const concrete of [word.set.smallest, word.set.largest]) {
          expect(word.set.has(concrete)).toBe(true);
          expect(some.map(ask => ask(concrete)).join(', ')).toBe(answers);
        }
    }
    const compared = pathsFor([word => String(sameWord(word, 7n)), word => String(sameWord(word, 0n))]);
    expect(compared.map(({ answers, word }) => [answers, word.set.size])).toEqual([
      ['false, false', 2n ** 64n - 2n],
      ['false, true', 1n],
      ['true, false', 1n],
    ]);
  });

  test('is not asked twice', () => {
    const questions: Question[] = [];
    const word = new Observed(3, 0n, () => 1, questions);
    expect([word.bits(2n), word.bits(2n), word.anySet(6n), word.isOneOf(2n, [0n])]).toEqual([
      2n,
      2n,
      true,
      false,
    ]);
    expect(questions).toEqual([{ word: 3, asks: 'bits', mask: 2n, answers: 2, answer: 1 }]);
  });

  test('has no more to say than a small field at once', () => {
    expect(() => new Observed(0, 0n, () => 0, []).bits(0xffn)).toThrow(
      '8 bits of an observed word are asked for at once',
    );
  });

  test('says nothing of its address but where it stands', () => {
    const word = new Observed(0, 0x4000_0000n, () => 0, []);
    expect(word.address(0xf_ffff_ffff_f000n)).toBe(0x4000_0000n);
    expect(word.set.seen).toBe(0n);
    expect(word.smallest).toBe(0x4000_0000n);
    expect(word.largest).toBe(0xfff0_0000_4000_0fffn);
  });

  test('is the same as another only where that is made from it', () => {
    const word = new Observed(0, 0n, () => 1, []);
    const other: ObservedWord = new Observed(1, 0n, () => 1, []);
    expect(sameWord(word, word)).toBe(true);
    expect(sameWord(word.with(1n, 0n), word.with(1n, 0n))).toBe(true);
    expect(sameWord(word, word.with(1n, 1n))).toBe(true);
    expect(sameWord(word.with(4n, 0n), word)).toBe(false);
    expect(() => sameWord(word, other)).toThrow('are compared only where one is made from the other');
  });

  test('cannot be used in arithmetic, whatever the types say', () => {
    const word: unknown = new Observed(0, 0n, () => 0, []);
    expect(() => (word as bigint) & 1n).toThrow();
    expect(() => (word as bigint) + 1n).toThrow();
  });
});
