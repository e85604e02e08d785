import type { Word } from '../bits/index.ts';

/** What physical memory looks like to a walk: aligned 64-bit words at byte addresses. */
export interface PhysicalMemory<W extends Word = bigint> {
  /** The word at an address (a multiple of 8), or `undefined` where nobody knows it. Unknown is not zero. */
  read(address: bigint): W | undefined;
}

/** One word, or with `bytes: 2` the low half-word of one, that the processor itself writes. */
export interface MemoryWrite<W extends Word = bigint> {
  readonly address: bigint;
  readonly word: W;
  readonly bytes: 8 | 2;
}

/** Sparse physical memory. Immutable: `with` gives another one. */
export interface SparseMemory extends PhysicalMemory {
  readonly words: ReadonlyMap<bigint, bigint>;
  /** The memory after these writes. A half-word written into an unknown word leaves the word unknown. */
  with(writes: Iterable<MemoryWrite>): SparseMemory;
}

const halfWord = 1n << 16n;

/**
 * Physical memory that holds the given words. A word that is not listed is unknown, which is a different answer
 * from zero; `missing: 'zero'` is for inputs whose format says that what is not listed is zero.
 *
 * @throws RangeError for an address that is not a multiple of 8 or a value that is not a 64-bit word.
 */
export function sparseMemory(
  words: Iterable<readonly [address: bigint, word: bigint]>,
  missing: 'unknown' | 'zero' = 'unknown',
): SparseMemory {
  const held = new Map<bigint, bigint>();
  for (const [address, word] of words) {
    if (address < 0n || address % 8n !== 0n) {
      throw new RangeError(`0x${address.toString(16)} is not the address of an aligned 64-bit word`);
    }
    if (BigInt.asUintN(64, word) !== word) throw new RangeError(`${word} is not a 64-bit word`);
    held.set(address, word);
  }
  const read = (address: bigint): bigint | undefined =>
    held.get(address) ?? (missing === 'zero' ? 0n : undefined);
  return {
    words: held,
    read,
    with(writes) {
      const next = new Map(held);
      for (const { address, word, bytes } of writes) {
        const before = next.get(address) ?? (missing === 'zero' ? 0n : undefined);
        if (bytes === 8) next.set(address, word);
        else if (before !== undefined) next.set(address, before - (before % halfWord) + word);
      }
      return sparseMemory(next, missing);
    },
  };
}
