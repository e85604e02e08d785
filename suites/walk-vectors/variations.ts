import {
  absent,
  absentAllElse,
  entriesAt,
  spptInvalid,
  spptInvalidReserved,
  vectors,
  writeOnly,
} from '../../systems/spp-walk/tables.ts';
import { entriesOf, type VectorPlaces } from './places.ts';

/** One entry that takes the place of the quiet one. */
export interface Variation {
  readonly name: string;
  readonly address: bigint;
  readonly word: bigint;
}

/** Everything maps, the leaf is read-only with bit 61, and the SPPT permits sub-page 5 alone. */
export function quietWords(places: VectorPlaces): ReadonlyMap<bigint, bigint> {
  const { table, page, spptValid } = entriesAt(places.at);
  const entry = entriesOf(places);
  return new Map([
    ...([4, 3, 2] as const).map(level => [entry.ept(level), table(level, 'rwx').word] as const),
    [entry.ept(1), page(1, 'r-x', ['bit61']).word],
    ...([4, 3, 2] as const).map(level => [entry.sppt(level), spptValid(level).word] as const),
    [entry.sppt(1), vectors.only5.word],
  ]);
}

/** Every class of every entry, one at a time; the first changes nothing. */
export function* variationsAt(places: VectorPlaces): Generator<Variation> {
  yield { name: 'quiet', address: entriesOf(places).sppt(1), word: vectors.only5.word };
  for (const level of [4, 3, 2] as const) yield* upperEntries(places, level);
  yield* largePages(places);
  yield* leaves(places);
  yield* spptEntries(places);
}

const rightsOfEntries = ['rwx', 'rw-', 'r-x', 'r--', '--x'] as const;

function* upperEntries(places: VectorPlaces, level: 4 | 3 | 2): Generator<Variation> {
  const { table } = entriesAt(places.at);
  const address = entriesOf(places).ept(level);
  const entry = (name: string, word: bigint): Variation => ({
    name: `ept-l${level}-${name}`,
    address,
    word,
  });
  const whole = table(level, 'rwx').word;
  for (const rights of rightsOfEntries) yield entry(rights, table(level, rights).word);
  yield entry('absent', absent.word);
  yield entry('absent-all-else', absentAllElse.word);
  yield entry('write-only', writeOnly(table(level, '---')).word);
  yield entry('reserved-bit-3', whole + 8n);
  // a processor of 52 address bits has none beyond them
  if (places.maxphyaddr < 52) yield entry('beyond-width', whole + 2n ** BigInt(places.maxphyaddr));
}

function* largePages(places: VectorPlaces): Generator<Variation> {
  const { page } = entriesAt(places.at);
  const entry = entriesOf(places);
  // half the page's size: bit 12 alone is tolerated by some emulators (facts/ept-spp.md 2.1, BX-LARGE-BIT12)
  for (const [level, half] of [
    [3, 2n ** 29n],
    [2, 2n ** 20n],
  ] as const) {
    const address = entry.ept(level);
    yield { name: `ept-l${level}-large`, address, word: page(level, 'r-x', ['bit61']).word };
    yield { name: `ept-l${level}-large-misaligned`, address, word: page(level, 'rwx').word + half };
  }
}

function* leaves(places: VectorPlaces): Generator<Variation> {
  const { page } = entriesAt(places.at);
  const address = entriesOf(places).ept(1);
  for (const rights of rightsOfEntries) {
    yield { name: `leaf-${rights}`, address, word: page(1, rights).word };
    yield { name: `leaf-${rights}-bit61`, address, word: page(1, rights, ['bit61']).word };
  }
  const leaf = page(1, 'r-x', ['bit61']).word;
  for (const type of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n])
    yield { name: `leaf-memory-type-${type}`, address, word: leaf + (type - 6n) * 8n };
  yield { name: 'leaf-absent', address, word: absent.word };
}

function* spptEntries(places: VectorPlaces): Generator<Variation> {
  const { spptValid } = entriesAt(places.at);
  const entry = entriesOf(places);
  for (const level of [4, 3, 2] as const) {
    const address = entry.sppt(level);
    const valid = spptValid(level).word;
    yield { name: `sppt-l${level}-invalid`, address, word: spptInvalid.word };
    yield { name: `sppt-l${level}-invalid-reserved`, address, word: spptInvalidReserved.word };
    yield { name: `sppt-l${level}-reserved`, address, word: valid + 2n };
    yield { name: `sppt-l${level}-bit-63`, address, word: valid + 2n ** 63n };
  }
  for (const [name, { word }] of Object.entries(vectors))
    yield { name: `vector-${name}`, address: entry.sppt(1), word };
}
