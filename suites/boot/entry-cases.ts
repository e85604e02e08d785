import { guestAccess } from '../../model/ept/index.ts';
import { entriesAt, vectors } from '../../systems/spp-walk/tables.ts';
import { entriesOf, type VectorPlaces } from '../walk-vectors/places.ts';
import { quietWords } from '../walk-vectors/variations.ts';
import { type BootCase, caseOf } from './case.ts';
import { offsetIn, processor, quietWith } from './quiet.ts';

/**
 * What single walks with one varied entry do not show: every bit of every entry, rights in pairs of entries, every
 * sub-page, and two accesses with nothing in between that would flush.
 */
export function* entryCases(places: VectorPlaces): Generator<BootCase> {
  yield* flippedBits(places);
  yield* largePages(places);
  yield* eligibility(places);
  yield* everySubPage(places);
  yield* pairs(places);
}

/** Every bit of every entry the other way round, but those of the address: there would be another table. */
function* flippedBits(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const words = quietWords(places);
  const isAddress = (bit: number): boolean => bit >= 12 && bit < places.maxphyaddr;
  const all = Array.from({ length: 64 }, (_, bit) => bit);
  for (const level of [4, 3, 2, 1] as const)
    for (const [table, address] of [
      ['ept', entry.ept(level)],
      ['sppt', entry.sppt(level)],
    ] as const)
      for (const bit of table === 'sppt' && level === 1 ? all : all.filter(one => !isAddress(one)))
        for (const kind of table === 'ept' ? (['read', 'write'] as const) : (['write'] as const)) {
          const word = (words.get(address) ?? 0n) ^ (2n ** BigInt(bit));
          const access = guestAccess(kind, places.gpa + offsetIn);
          const id = `flip/${table}-l${level}/bit-${bit}/${kind}`;
          yield caseOf(id, processor(places), quietWith(places, [address, word]), access);
        }
}

/** When the sub-page vector decides: rights of the leaf and above it, bit 61, and what the vector says. */
function* eligibility(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const { table, page } = entriesAt(places.at);
  const above = ([4, 3, 2] as const).flatMap(level =>
    (['r-x', '--x'] as const).map(rights => [level, rights] as const),
  );
  for (const [level, upper] of [[4, 'rwx'] as const, ...above])
    for (const rights of ['rwx', 'rw-', 'r-x', 'r--', '--x'] as const)
      for (const bit61 of [false, true])
        for (const [says, vector] of [
          ['granted', vectors.only5.word],
          ['denied', vectors.none.word],
        ] as const) {
          const leaf = page(1, rights, bit61 ? ['bit61'] : []).word;
          const words = quietWith(
            places,
            [entry.ept(level), table(level, upper).word],
            [entry.ept(1), leaf],
            [entry.sppt(1), vector],
          );
          const id = `eligible/l${level}-${upper}/${rights}${bit61 ? '-bit61' : ''}/${says}`;
          yield caseOf(id, processor(places), words, guestAccess('write', places.gpa + offsetIn));
        }
}

/** A leaf of 2 MBytes and of 1 GByte, and every bit of its address that must be 0. */
function* largePages(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const { page } = entriesAt(places.at);
  for (const [level, end] of [
    [2, 21],
    [3, 30],
  ] as const) {
    const write = (name: string, stray: bigint): BootCase => {
      const words = quietWith(places, [entry.ept(level), page(level, 'rwx').word + stray]);
      const access = guestAccess('write', places.gpa + offsetIn);
      const cpu = processor(places, { controls: { spp: false } });
      return caseOf(`flip/large-l${level}/${name}/write`, cpu, words, access);
    };
    yield write('none', 0n);
    for (let bit = 12; bit < end; bit++) yield write(`bit-${bit}`, 2n ** BigInt(bit));
    for (let bit = places.maxphyaddr; bit < 52; bit++) yield write(`bit-${bit}`, 2n ** BigInt(bit));
  }
}

/** Each sub-page under the vector that grants it alone, and under the one that denies it alone. */
function* everySubPage(places: VectorPlaces): Generator<BootCase> {
  const { sppt } = entriesOf(places);
  for (let at = 0; at < 32; at++)
    for (const [name, word] of [
      ['alone', 4n ** BigInt(at)],
      ['not', vectors.all.word - 4n ** BigInt(at)],
    ] as const)
      for (const [byte, offset] of [
        ['first', 128 * at],
        ['last', 128 * at + 127],
      ] as const) {
        const access = guestAccess('write', places.gpa + BigInt(offset));
        const id = `sub-page/${at}/${name}/${byte}`;
        yield caseOf(id, processor(places), quietWith(places, [sppt(1), word]), access);
      }
}

/** Two accesses in one VM entry: what the first one left in the processor's caches meets the second. */
function* pairs(places: VectorPlaces): Generator<BootCase> {
  const { sppt } = entriesOf(places);
  const [one, other] = [offsetIn, offsetIn + 128n];
  for (const accessedDirty of [false, true])
    for (const granted of [0n, 1n, 2n, 3n])
      for (const [first, second] of [
        ['write', 'write'],
        ['read', 'write'],
        ['write', 'read'],
      ] as const) {
        const word = (granted % 2n) * 4n ** 5n + (granted / 2n) * 4n ** 6n;
        yield {
          id: `pair/${first}-${second}/${granted % 2n === 1n ? 'granted' : 'denied'}-${granted > 1n ? 'granted' : 'denied'}${accessedDirty ? '/ad' : ''}`,
          cpu: processor(places, { accessedDirty }),
          words: quietWith(places, [sppt(1), word]),
          accesses: [guestAccess(first, places.gpa + one), guestAccess(second, places.gpa + other)],
        };
      }
}
