import { anySet, maskOf, wordOf } from '../../../model/bits/index.ts';
import { EptPde2M, EptPdpte1G, EptPte, pageSizeBytes } from '../../../model/ept/index.ts';
import { SpptEntry, spreadVector } from '../../../model/ept/spp/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';

/** Numbers (splitmix32) that only look random: the same ones for the same seed. Each below 2^32. */
function* numbersFrom(seed: number): Generator<number, never, undefined> {
  let state = seed >>> 0;
  for (;;) {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    yield (mixed ^ (mixed >>> 15)) >>> 0;
  }
}

/** Addresses of tables and pages stay below, as on a processor with as many address bits. */
const addressBits = 36;

/** One word after another: of every kind that a walk can use, sometimes with one bit more, sometimes of any 64 bits. */
function* wordsFrom(numbers: Iterator<number, never>): Generator<bigint, never, undefined> {
  const below = (limit: number): number => numbers.next().value % limit;
  const any = (): bigint => wordOf(numbers.next().value, numbers.next().value);
  const address = (size: bigint): bigint => {
    const somewhere = any() % 2n ** BigInt(addressBits);
    return somewhere - (somewhere % size);
  };
  const chance = (times: number): boolean => below(times) > 0;
  const rights = (): { read: boolean; write: boolean; execute: boolean } => ({
    read: chance(6),
    write: chance(3),
    execute: chance(3),
  });
  const kinds: readonly (() => bigint)[] = [
    any,
    () => 0n,
    () => EptPte.encode({ ...rights(), page: address(pageSizeBytes['4K']), subPageWrite: chance(3) }),
    () => EptPte.encode({ ...rights(), page: address(pageSizeBytes['4K']) }),
    () => EptPte.encode({ ...rights(), page: address(pageSizeBytes['4K']) }),
    () => EptPde2M.encode({ ...rights(), mapsPage: true, page: address(pageSizeBytes['2M']) }),
    () => EptPdpte1G.encode({ ...rights(), mapsPage: true, page: address(pageSizeBytes['1G']) }),
    () => SpptEntry.encode({ valid: true, table: address(pageSizeBytes['4K']) }),
    () => spreadVector(numbers.next().value),
  ];
  // entries of a walk that go on: as often as the others together
  const usual = kinds.slice(2, 5);
  for (;;) {
    const list = below(2) === 0 ? kinds : usual;
    const word = list[below(list.length)]?.() ?? 0n;
    const at = below(64);
    const bit = maskOf({ hi: at, lo: at });
    yield chance(8) || anySet(word, bit) ? word : word + bit;
  }
}

/** A memory that holds a random word wherever it is read, the same one whenever it is read there. */
export function randomMemory(seed: number): PhysicalMemory {
  const words = wordsFrom(numbersFrom(seed));
  const held = new Map<bigint, bigint>();
  return {
    read(address) {
      const word = held.get(address) ?? words.next().value;
      held.set(address, word);
      return word;
    },
  };
}
