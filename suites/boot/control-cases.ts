import { guestAccess } from '../../model/ept/index.ts';
import { entriesAt } from '../../systems/spp-walk/tables.ts';
import { entriesOf, type VectorPlaces } from '../walk-vectors/places.ts';
import { quietWords } from '../walk-vectors/variations.ts';
import { type BootCase, caseOf } from './case.ts';
import { logOf, veInfoOf } from './places.ts';
import { offsetIn, processor, quietWith } from './quiet.ts';

/** What depends on controls and fields of the VMCS: what VM entry checks, logging, #VE, mode-based execute control. */
export function* controlCases(places: VectorPlaces): Generator<BootCase> {
  yield* entryChecks(places);
  yield* loggedWrites(places);
  yield* exceptions(places);
  yield* modeBasedExecute(places);
}

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
  const convertible = processor(places, {
    controls: { eptViolationVe: true },
    state: { veInfoAddress: veInfoOf(places) + 0x800n },
  });
  yield caseOf('entry/ve-info-address-bit-11', convertible, words, write);
  const withoutFlags = processor(places, { controls: { pml: true } });
  yield caseOf('entry/pml-without-flags', withoutFlags, words, write);
}

/** Page-modification logging: every index that matters, with each flag set and not. */
function* loggedWrites(places: VectorPlaces): Generator<BootCase> {
  const entry = entriesOf(places);
  const { table, page } = entriesAt(places.at);
  const [accessed, dirty] = [0x100n, 0x200n];
  for (const pmlIndex of [511, 1, 0, 512, 0xffff])
    for (const rights of ['rwx', 'r-x'] as const)
      for (const flags of [0n, accessed, accessed + dirty])
        for (const kind of ['read', 'write'] as const)
          for (const offset of [offsetIn, offsetIn + 128n]) {
            const leaf = page(1, rights, ['bit61']).word + flags;
            // with the dirty flag no flag of any entry is left to set
            const upper = ([4, 3, 2] as const).map(
              level =>
                [entry.ept(level), table(level, 'rwx').word + (flags === 0n ? 0n : accessed)] as const,
            );
            const cpu = processor(places, {
              accessedDirty: true,
              controls: { pml: true },
              state: { pmlIndex },
            });
            const id = `pml/${pmlIndex}/${rights}/${flags === 0n ? 'clear' : flags === accessed ? 'accessed' : 'dirty'}/${kind}/${offset}`;
            const access = guestAccess(kind, places.gpa + offset);
            yield caseOf(id, cpu, quietWith(places, ...upper, [entry.ept(1), leaf]), access);
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
  // without the control bit 10 is ignored, and alone makes no entry present
  const plain = processor(places, { controls: { spp: false } });
  for (const [name, leaf] of [
    ['alone', 0x400n],
    ['r--u', page(1, 'r--').word + 0x400n],
  ] as const) {
    const access = guestAccess('execute', places.gpa + offsetIn, { userMode: true });
    yield caseOf(
      `bit-10/${name}/execute`,
      plain,
      quietWith(places, ...upper, [entry.ept(1), leaf]),
      access,
    );
  }
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
