import { addressHex, bitsNamed, countOf, wordHex } from '../../model/bits/index.ts';
import { powerOfTwo, type WhyBits } from '../../model/ept/index.ts';

const bitCount = (mask: bigint): string => {
  const count = countOf(mask);
  return `${count} ${count === 1 ? 'bit' : 'bits'}`;
};

/** Which bits decided, a word at a time. */
export function whyBitsLines({ words, memories, of }: WhyBits): readonly string[] {
  return [
    'what decided, in the order in which it was asked (an address is followed, not asked):',
    ...words.flatMap(({ name, address, asked, bits, words: like }) => [
      `  ${name.padEnd(5)}  ${addressHex(address)}  ${asked.join('; ') || 'nothing'}`,
      `         these ${bitCount(bits)} of the ${name} decide; ${powerOfTwo(like)} words end here`,
    ]),
    `  together ${powerOfTwo(memories)} of ${powerOfTwo(of)} contents of ${words.length} ${words.length === 1 ? 'word' : 'words'} answer the same, and end in the same way`,
  ];
}

/** The same as JSON. */
export const whyBitsJson = ({ words, memories, of }: WhyBits): object => ({
  words: words.map(({ name, address, word, asked, bits, words: like }) => ({
    name,
    address: addressHex(address),
    word: wordHex(word),
    asked,
    bits: wordHex(bits),
    named: bits === 0n ? '' : bitsNamed(bits),
    words: String(like),
  })),
  memories: String(memories),
  of: String(of),
});
