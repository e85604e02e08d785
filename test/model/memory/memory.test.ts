import { describe, expect, test } from 'vitest';
import { sparseMemory } from '../../../model/memory/index.ts';

describe('sparse physical memory', () => {
  test('keeps a missing word apart from a zero one', () => {
    const memory = sparseMemory([[0x1000n, 0n]]);
    expect([memory.read(0x1000n), memory.read(0x1008n)]).toEqual([0n, undefined]);
  });

  test('reads missing words as zero only where that was asked for', () => {
    expect(sparseMemory([], 'zero').read(0x1008n)).toBe(0n);
  });

  test('is not changed by what is written to it', () => {
    const before = sparseMemory([[0x1000n, 1n]]);
    const after = before.with([{ address: 0x1000n, word: 2n, bytes: 8 }]);
    expect([before.read(0x1000n), after.read(0x1000n)]).toEqual([1n, 2n]);
  });

  test('keeps the rest of a word into which a half-word is written', () => {
    const memory = sparseMemory([[0x20n, 0xffff_ffff_ffff_ffffn]]);
    expect(memory.with([{ address: 0x20n, word: 0x1234n, bytes: 2 }]).read(0x20n)).toBe(
      0xffff_ffff_ffff_1234n,
    );
  });

  test('does not come to know a word by a write to half of it', () => {
    expect(
      sparseMemory([])
        .with([{ address: 0x20n, word: 1n, bytes: 2 }])
        .read(0x20n),
    ).toBeUndefined();
    expect(
      sparseMemory([], 'zero')
        .with([{ address: 0x20n, word: 1n, bytes: 2 }])
        .read(0x20n),
    ).toBe(1n);
  });

  test('refuses an address between words and a value wider than one', () => {
    expect(() => sparseMemory([[0x1004n, 0n]])).toThrow('0x1004 is not the address');
    expect(() => sparseMemory([[0x1000n, 1n << 64n]])).toThrow('is not a 64-bit word');
    expect(() => sparseMemory([[0x1000n, -1n]])).toThrow('is not a 64-bit word');
  });
});
