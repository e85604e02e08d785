import { expect, test } from 'vitest';
import { maskOf } from '../../../model/bits/index.ts';
import {
  cpuWith,
  guestAccess,
  normative,
  powerOfTwo,
  translate,
  whyBits,
} from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';

const words: readonly (readonly [bigint, bigint])[] = [
  [0x10000n, 0x11007n],
  [0x11000n, 0x12007n],
  [0x12000n, 0x13007n],
  [0x13018n, 0x2000_0000_1234_5035n],
  [0x20000n, 0x21001n],
  [0x21000n, 0x22001n],
  [0x22000n, 0x23001n],
  [0x23018n, 0x5555_5555_5555_5155n],
];
const cpu = cpuWith({
  eptp: 0x1001en,
  spptp: 0x20000n,
  maxPhysicalAddressWidth: 46,
  controls: { spp: true },
});
const access = guestAccess('write', 0x3280n, { size: 8 });
const why = whyBits(sparseMemory(words), cpu, access, normative);

test('the bits that decided are named in the order in which they were asked', () => {
  expect(why.words.map(({ name }) => name)).toEqual([
    'PML4E',
    'PDPTE',
    'PDE',
    'PTE',
    'L4E',
    'L3E',
    'L2E',
    'L1E',
  ]);
  expect(why.words[3]?.asked).toEqual([
    'bit 0 is 1',
    'none of bits 51:46 is 1',
    'bits 5:3 are 6, or another value that does as well',
    'bit 1 is 0',
    'bit 61 is 1',
    'bit 2 is 1',
  ]);
  expect(why.words[7]?.asked).toEqual(['none of the odd bits is 1', 'bit 10 is 0']);
});

test('how many words answer the same is exact, and their product is the number of memories', () => {
  expect(why.words.map(one => powerOfTwo(one.words))).toEqual([
    ...['2^50', '2^50', '2^50'], // 3 rights, bit 7 or bits 7:3, 6 address bits beyond the width, bits 6:3
    '5 × 2^51', // five of eight memory types
    ...['2^34', '2^34', '2^34'],
    '2^31',
  ]);
  expect(why.memories).toBe(why.words.reduce((product, one) => product * one.words, 1n));
  expect(why.of).toBe(2n ** 512n);
});

test('a bit that is neither named nor part of an address changes nothing, and some bit that is named does', () => {
  const outcomeWith = (address: bigint, bit: bigint): string => {
    const memory = sparseMemory(words.map(([at, word]) => [at, at === address ? word ^ bit : word]));
    const outcome = translate(memory, cpu, access);
    return `${outcome.kind} ${'qualification' in outcome ? outcome.qualification : ''}`;
  };
  const usual = outcomeWith(0n, 0n);
  for (const { name, address, bits } of why.words) {
    const followed = name === 'L1E' ? 0n : maskOf({ hi: 51, lo: 12 });
    const singles = Array.from({ length: 64 }, (_, at) => 2n ** BigInt(at));
    for (const bit of singles.filter(one => ((bits | followed) & one) === 0n))
      expect(outcomeWith(address, bit), `${name} ${bit}`).toBe(usual);
    const changes = singles.filter(one => (bits & one) !== 0n && outcomeWith(address, one) !== usual);
    expect(changes.length).toBeGreaterThan(1);
  }
});

test('of a walk that stops at an unknown word, what was read until then is told', () => {
  const short = whyBits(sparseMemory(words.slice(0, 2)), cpu, access, normative);
  expect(short.words.map(({ name }) => name)).toEqual(['PML4E', 'PDPTE']);
});
