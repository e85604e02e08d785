import {
  type Controls,
  type Cpu,
  type CpuState,
  cpuWith,
  EptMemoryType,
  Eptp,
  guestAccess,
} from '../../model/ept/index.ts';
import { entriesAt, vectors } from '../../systems/spp-walk/tables.ts';
import { entriesOf, type VectorPlaces } from '../walk-vectors/places.ts';
import { quietWords } from '../walk-vectors/variations.ts';
import { type BootCase, caseOf } from './case.ts';
import { logOf, veInfoOf } from './places.ts';

/**
 * What single walks with one varied entry do not show: fields that VM entry checks, logging, #VE, mode-based execute
 * control, every bit of the entries, every sub-page, and two accesses with nothing in between that would flush.
 */
export function* controlCases(places: VectorPlaces): Generator<BootCase> {
  yield* entryChecks(places);
  yield* loggedWrites(places);
  yield* exceptions(places);
  yield* modeBasedExecute(places);
  yield* flippedBits(places);
  yield* everySubPage(places);
  yield* pairs(places);
}

const offsetIn = 5n * 128n;

/** A processor over the tables of these places. */
function processor(
  places: VectorPlaces,
  {
    controls = {},
    state = {},
    accessedDirty = false,
  }: {
    readonly controls?: Partial<Controls>;
    readonly state?: Partial<CpuState>;
    readonly accessedDirty?: boolean;
  } = {},
): Cpu {
  return cpuWith({
    maxPhysicalAddressWidth: places.maxphyaddr,
    eptp: Eptp.encode({
      memoryType: EptMemoryType.WB,
      walkLengthMinusOne: 3,
      accessedDirty,
      table: places.at.ept[4],
    }),
    spptp: places.at.sppt[4],
    controls: { spp: true, ...controls },
    state: { pmlAddress: logOf(places), veInfoAddress: veInfoOf(places), ...state },
  });
}

/** The quiet tables with other words at some addresses. */
const quietWith = (places: VectorPlaces, ...others: readonly (readonly [bigint, bigint])[]) =>
  new Map([...quietWords(places), ...others]);

/** Each bit of the EPTP, the SPPTP and the address of the log that VM entry looks at. */
function* entryChecks(places: VectorPlaces): Generator<BootCase> {
  const write = guestAccess('write', places.gpa + offsetIn);
  const words = quietWords(places);
  const usual = processor(places);
  const low = Array.from({ length: 12 }, (_, bit) => bit);
  const stray = [places.maxphyaddr, 51, 52, 63].filter(bit => bit >= places.maxphyaddr);
  for (const bit of [...low, ...stray]) {
    const flipped = 2n ** BigInt(bit);
    // a page-walk length of 5 levels reads another table
    if (bit < 3 || bit > 5) {
      const eptp = usual.eptp ^ flipped;
      yield caseOf(`entry/eptp-bit-${bit}`, { ...usual, eptp }, words, write);
    }
    yield caseOf(`entry/spptp-bit-${bit}`, { ...usual, spptp: usual.spptp ^ flipped }, words, write);
    const logged = processor(places, {
      accessedDirty: true,
      controls: { pml: true },
      state: { pmlAddress: logOf(places) ^ flipped },
    });
    yield caseOf(`entry/pml-address-bit-${bit}`, logged, words, write);
  }
  const withoutFlags = processor(places, { controls: { pml: true } });
  yield caseOf('entry/pml-without-flags', withoutFlags, words, write);
}

/** Page-modification logging: every index that matters, with each flag set and not. */
function* loggedWrites(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const { page } = entriesAt(places.at);
  const [accessed, dirty] = [0x100n, 0x200n];
  for (const pmlIndex of [511, 1, 0, 512, 0xffff])
    for (const rights of ['rwx', 'r-x'] as const)
      for (const flags of [0n, accessed, accessed + dirty])
        for (const kind of ['read', 'write'] as const)
          for (const offset of [offsetIn, offsetIn + 128n]) {
            const leaf = page(1, rights, ['bit61']).word + flags;
            const cpu = processor(places, {
              accessedDirty: true,
              controls: { pml: true },
              state: { pmlIndex },
            });
            const id = `pml/${pmlIndex}/${rights}/${flags === 0n ? 'clear' : flags === accessed ? 'accessed' : 'dirty'}/${kind}/${offset}`;
            const access = guestAccess(kind, places.gpa + offset);
            yield caseOf(id, cpu, quietWith(places, [entry.ept(1), leaf]), access);
          }
}

/** EPT violations as #VE: permitted, suppressed, and with the information area in use. */
function* exceptions(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const { page } = entriesAt(places.at);
  const cpu = processor(places, { controls: { eptViolationVe: true } });
  const leaves = {
    denied: page(1, 'r-x', ['bit61']).word,
    unreadable: page(1, '--x').word,
    absent: 0n,
  };
  for (const [name, leaf] of Object.entries(leaves))
    for (const suppressed of [false, true])
      for (const used of [0n, 0x1_0000_0000n])
        for (const kind of ['read', 'write'] as const) {
          const word = leaf + (suppressed ? 2n ** 63n : 0n);
          const words = quietWith(places, [entry.ept(1), word], [veInfoOf(places), used]);
          const id = `ve/${name}/${suppressed ? 'suppressed' : 'convertible'}/${used === 0n ? 'free' : 'busy'}/${kind}`;
          yield caseOf(id, cpu, words, guestAccess(kind, places.gpa + offsetIn + 128n));
        }
}

/** Bits 2 and 10 of the leaf, for addresses of both modes. */
function* modeBasedExecute(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const { table, page } = entriesAt(places.at);
  const upper = ([4, 3, 2] as const).map(
    level => [entry.ept(level), table(level, 'rwx').word + 0x400n] as const,
  );
  const cpu = processor(places, { controls: { mbe: true, spp: false } });
  for (const rights of ['r--', 'r-x', '--x', '---'] as const)
    for (const user of [0n, 0x400n])
      for (const userMode of [false, true])
        for (const kind of ['read', 'write', 'execute'] as const) {
          const words = quietWith(places, ...upper, [entry.ept(1), page(1, rights).word + user]);
          const access = guestAccess(kind, places.gpa + offsetIn, { userMode });
          const id = `mbe/${rights}${user === 0n ? '' : 'u'}/${userMode ? 'user' : 'supervisor'}/${kind}`;
          yield caseOf(id, cpu, words, access);
        }
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
