import { addressHex, wordHex } from '../model/bits/index.ts';
import {
  type Access,
  cpuWith,
  type Cpu,
  EptMemoryType,
  Eptp,
  guestAccess,
  translate,
  outcomeJson,
} from '../model/ept/index.ts';
import { sparseMemory } from '../model/memory/index.ts';
import { addressWidth, at, eptEntryAt, gpaAt, spptEntryAt } from '../systems/spp-walk/image.ts';
import {
  absent,
  absentAllElse,
  page,
  spptInvalid,
  spptInvalidReserved,
  spptReserved,
  spptValid,
  table,
  vectors,
  writeOnly,
} from '../systems/spp-walk/tables.ts';

/** One entry that takes the place of the quiet one. */
interface Variation {
  readonly name: string;
  readonly address: bigint;
  readonly word: bigint;
}

const leafWord = page(1, 'r-x', ['bit61']).word;

/** Everything maps, the leaf is read-only with bit 61, and the SPPT permits sub-page 5 alone. */
const quiet: ReadonlyMap<bigint, bigint> = new Map([
  ...([4, 3, 2] as const).map(level => [eptEntryAt(level), table(level, 'rwx').word] as const),
  [eptEntryAt(1), leafWord],
  ...([4, 3, 2] as const).map(level => [spptEntryAt(level), spptValid(level).word] as const),
  [spptEntryAt(1), vectors.only5.word],
]);

const upperRights = ['rwx', 'rw-', 'r-x', 'r--', '--x'] as const;
const leafRights = ['rwx', 'rw-', 'r-x', 'r--', '--x'] as const;

const eptVariations: readonly Variation[] = [
  ...([4, 3, 2] as const).flatMap(level => {
    const address = eptEntryAt(level);
    const entry = (name: string, word: bigint): Variation => ({
      name: `ept-l${level}-${name}`,
      address,
      word,
    });
    return [
      ...upperRights.map(rights => entry(rights, table(level, rights).word)),
      entry('absent', absent.word),
      entry('absent-all-else', absentAllElse.word),
      entry('write-only', writeOnly(table(level, '---')).word),
      entry('reserved-bit-3', table(level, 'rwx').word + 8n),
      entry('beyond-width', table(level, 'rwx').word + 2n ** BigInt(addressWidth)),
    ];
  }),
  ...([3, 2] as const).flatMap(level => [
    { name: `ept-l${level}-large`, address: eptEntryAt(level), word: page(level, 'r-x', ['bit61']).word },
    {
      name: `ept-l${level}-large-misaligned`,
      address: eptEntryAt(level),
      word: page(level, 'rwx').word + 0x1000n,
    },
  ]),
  ...leafRights.flatMap(rights => [
    { name: `leaf-${rights}`, address: eptEntryAt(1), word: page(1, rights).word },
    { name: `leaf-${rights}-bit61`, address: eptEntryAt(1), word: page(1, rights, ['bit61']).word },
  ]),
  ...[0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map(type => ({
    name: `leaf-memory-type-${type}`,
    address: eptEntryAt(1),
    word: leafWord + (type - 6n) * 8n,
  })),
  { name: 'leaf-absent', address: eptEntryAt(1), word: absent.word },
];

const spptVariations: readonly Variation[] = [
  ...([4, 3, 2] as const).flatMap(level => [
    { name: `sppt-l${level}-invalid`, address: spptEntryAt(level), word: spptInvalid.word },
    {
      name: `sppt-l${level}-invalid-reserved`,
      address: spptEntryAt(level),
      word: spptInvalidReserved.word,
    },
    { name: `sppt-l${level}-reserved`, address: spptEntryAt(level), word: spptReserved(level).word },
    { name: `sppt-l${level}-bit-63`, address: spptEntryAt(level), word: spptValid(level).word + 2n ** 63n },
  ]),
  ...Object.entries(vectors).map(([name, { word }]) => ({
    name: `vector-${name}`,
    address: spptEntryAt(1),
    word,
  })),
];

const nothing: Variation = { name: 'quiet', address: spptEntryAt(1), word: vectors.only5.word };

const offsetIn = 5 * 128;
const accesses: readonly (readonly [string, Access])[] = [
  ['read', guestAccess('read', gpaAt(offsetIn, 4))],
  ['write', guestAccess('write', gpaAt(offsetIn, 4))],
  ['write-other', guestAccess('write', gpaAt(offsetIn + 128, 4), { size: 8 })],
  ['write-across', guestAccess('write', gpaAt(offsetIn + 124, 4), { size: 8 })],
  ['rmw', guestAccess('rmw', gpaAt(offsetIn, 4), { size: 4 })],
  ['execute', guestAccess('execute', gpaAt(offsetIn, 4))],
  ['paging-structure', guestAccess('write', gpaAt(offsetIn, 4), { pageWalk: true, size: 8 })],
  ['no-linear-address', guestAccess('write', gpaAt(offsetIn, 4), { linearValid: false })],
];

const processors: readonly (readonly [string, Cpu])[] = [false, true].flatMap(spp =>
  [false, true].map(
    accessedDirty =>
      [
        `${spp ? 'spp' : 'no-spp'}${accessedDirty ? '-ad' : ''}`,
        cpuWith({
          maxPhysicalAddressWidth: addressWidth,
          eptp: Eptp.encode({
            memoryType: EptMemoryType.WB,
            walkLengthMinusOne: 3,
            accessedDirty,
            table: at.ept[4],
          }),
          spptp: at.sppt[4],
          controls: { spp },
        }),
      ] as const,
  ),
);

const shownFields = [
  'kind',
  'exitReason',
  'qualification',
  'dontCareMask',
  'gpaField',
  'level',
  'hpa',
  'grantedBySpp',
  'pageSize',
  'memoryWrites',
  'walk',
] as const;

/** Every entry of the walk in every class of words, under every kind of access: one vector each, in a fixed order. */
export function* walkVectors(): Generator<Record<string, unknown>> {
  for (const [processor, cpu] of processors) {
    for (const variation of [nothing, ...eptVariations, ...spptVariations]) {
      for (const [name, access] of accesses) {
        yield vectorOf(`${processor}/${variation.name}/${name}`, { cpu, access, variation });
      }
    }
  }
}

function vectorOf(
  id: string,
  { cpu, access, variation }: { readonly cpu: Cpu; readonly access: Access; readonly variation: Variation },
): Record<string, unknown> {
  const words = new Map(quiet).set(variation.address, variation.word);
  const outcome = outcomeJson(translate(sparseMemory(words, 'zero'), cpu, access));
  const { nmiUnblockingIret, eventDelivery, pmlIndex, pmlAddress, veInfoAddress } = cpu.state;
  const { executeOnly, oneGPages, eptAdSupported, cet, advEptInfo } = cpu.capabilities;
  return {
    id,
    tags: id.split('/'),
    maxphyaddr: cpu.maxPhysicalAddressWidth,
    eptp: addressHex(cpu.eptp),
    spptp: addressHex(cpu.spptp),
    controls: { ...cpu.controls, executeOnly, oneGPages, eptAdSupported, cet, advEptInfo },
    state: {
      nmiUnblockingIret,
      eventDelivery,
      pmlIndex,
      pmlAddress: addressHex(pmlAddress),
      veInfoAddress: addressHex(veInfoAddress),
    },
    memory: Object.fromEntries([...words].map(([address, word]) => [addressHex(address), wordHex(word)])),
    access: { ...access, gpa: addressHex(access.gpa), gla: addressHex(access.gla) },
    expect: Object.fromEntries(
      shownFields.flatMap(key => (outcome[key] === undefined ? [] : [[key, outcome[key]]])),
    ),
  };
}
