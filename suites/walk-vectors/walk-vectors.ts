import { type Access, cpuWith, type Cpu, EptMemoryType, Eptp, guestAccess } from '../../model/ept/index.ts';
import { usualPlaces, type VectorPlaces } from './places.ts';
import { quietWords, type Variation, variationsAt } from './variations.ts';
import { vectorJson } from './vector-json.ts';

const offsetIn = 5 * 128;

const accessesTo = (page: bigint): readonly (readonly [string, Access])[] => {
  const gpa = page + BigInt(offsetIn);
  return [
    ['read', guestAccess('read', gpa)],
    ['write', guestAccess('write', gpa)],
    ['write-other', guestAccess('write', gpa + 128n, { size: 8 })],
    ['write-across', guestAccess('write', gpa + 124n, { size: 8 })],
    ['rmw', guestAccess('rmw', gpa, { size: 4 })],
    ['execute', guestAccess('execute', gpa)],
    ['paging-structure', guestAccess('write', gpa, { pageWalk: true, size: 8 })],
    ['no-linear-address', guestAccess('write', gpa, { linearValid: false })],
  ];
};

const processorsAt = ({ maxphyaddr, at }: VectorPlaces): readonly (readonly [string, Cpu])[] =>
  [false, true].flatMap(spp =>
    [false, true].map(
      accessedDirty =>
        [
          `${spp ? 'spp' : 'no-spp'}${accessedDirty ? '-ad' : ''}`,
          cpuWith({
            maxPhysicalAddressWidth: maxphyaddr,
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

/** Every entry of the walk in every class of words, under every kind of access: one vector each, in a fixed order. */
export function* walkVectors(places: VectorPlaces = usualPlaces): Generator<Record<string, unknown>> {
  const quiet = quietWords(places);
  const variations = [...variationsAt(places)];
  const accesses = accessesTo(places.gpa);
  for (const [processor, cpu] of processorsAt(places)) {
    for (const variation of variations) {
      for (const [name, access] of accesses) {
        const tags = [processor, variation.name, name];
        yield vectorJson(tags.join('/'), tags, { cpu, access, words: varied(quiet, variation) });
      }
    }
  }
}

const varied = (quiet: ReadonlyMap<bigint, bigint>, { address, word }: Variation) =>
  new Map(quiet).set(address, word);
