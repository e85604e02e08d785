import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Read } from '../../../checker/index.ts';
import {
  type Access,
  accessKinds,
  type Cpu,
  cpuWith,
  GuestPhysicalAddress,
  guestAccess,
  normative,
} from '../../../model/ept/index.ts';
import { type LaneMemory, laneMemory, writeWord } from '../../../bench/lanes/index.ts';
import { slotsOf, type Theme } from '../../../systems/spp-walk/theme.ts';
import { bitsTheme, themes, vectorsTheme } from '../../../systems/spp-walk/themes/index.ts';
import { WalkView } from '../../../systems/spp-walk/actions.ts';
import { bothSay } from './agreement.ts';

const seed = 20_260_101;
const view = (theme: Theme): WalkView => new WalkView(theme, normative);

/** Puts one class in each slot and compares every access. */
function compare(theme: Theme, choice: readonly number[]): number {
  const slots = slotsOf(theme);
  const words = slots.map((slot, i) => slot.classes[choice[i] ?? 0]?.word ?? slot.initial);
  const valueOf = new Map<unknown, bigint>(slots.map((slot, i) => [slot, words[i] ?? 0n]));
  const cpu = view(theme).cpu(((slot: unknown) => valueOf.get(slot)) as Read);
  const memory = laneMemory(0x70000);
  slots.forEach((slot, i) => {
    if (slot.address !== undefined) writeWord(memory, slot.address, words[i] ?? 0n);
  });
  for (const { access } of theme.accesses) {
    const { lanes, words: said } = bothSay(memory, cpu, access);
    expect(lanes).toEqual(said);
  }
  return theme.accesses.length;
}

describe('the walk on halves of words says what the readable walk says', () => {
  const small = themes.filter(({ name }) => !['spp', 've', 'flags', 'entry'].includes(name));
  test.each(small)('for every combination of entry classes of the theme $name', theme => {
    const sizes = slotsOf(theme).map(({ classes }) => classes.length);
    const total = sizes.reduce((product, size) => product * size, 1);
    let walks = 0;
    for (let code = 0; code < total; code++) {
      let rest = code;
      walks += compare(
        theme,
        sizes.map(size => {
          const digit = rest % size;
          rest = Math.floor(rest / size);
          return digit;
        }),
      );
    }
    expect(walks).toBe(total * theme.accesses.length);
  });

  test.each([bitsTheme, vectorsTheme])('for every word of the theme $name, one at a time', theme => {
    slotsOf(theme).forEach((slot, place) => {
      slot.classes.forEach((_, at) => {
        compare(theme, [...Array.from({ length: place }, () => 0), at]);
      });
    });
  });

  test.each(themes.filter(theme => !small.includes(theme)))(
    'for many combinations of the theme $name',
    theme => {
      const choices = fc.tuple(...slotsOf(theme).map(({ classes }) => fc.nat(classes.length - 1)));
      fc.assert(
        fc.property(choices, choice => {
          compare(theme, choice);
        }),
        { seed, numRuns: 600 },
      );
    },
  );

  test('for random words, processors and accesses', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(image, processor, anyAccess, (memory, cpu, access) => {
        const { lanes, words } = bothSay(memory, cpu, access);
        kinds.set(words.kind, (kinds.get(words.kind) ?? 0) + 1);
        expect(lanes).toEqual(words);
      }),
      { seed, numRuns: 8000 },
    );
    // nothing is compared where nothing happens
    expect([...kinds.keys()].sort()).toEqual([
      'allowed',
      'ept_misconfig',
      'ept_violation',
      'pml_full',
      'spp_misconfig',
      'spp_miss',
      'unknown',
      'virtualization_exception',
      'vmentry_fail',
    ]);
  });
});

const pages = 8;
const nearlyAlways = fc.integer({ min: 0, max: 9 }).map(n => n > 0);
const rarely = fc.integer({ min: 0, max: 9 }).map(n => n === 0);

/** A word that is an entry of some table more often than not: rights, a page of the image, rarely another bit. */
const entryWord = fc
  .record({
    rights: fc.constantFrom(7n, 7n, 7n, 5n, 5n, 1n, 0x401n, 4n, 0n, 6n),
    page: fc.nat(pages),
    type: fc.constantFrom(0n, 0n, 0x30n),
    large: rarely,
    high: fc.constantFrom(0n, 0n, 0n, 2n ** 61n, 2n ** 61n, 2n ** 63n, 2n ** 60n),
    flags: fc.constantFrom(0n, 0x300n, 0x100n),
    stray: fc.option(fc.nat(63), { freq: 12 }),
  })
  .map(({ rights, page, type, large, high, flags, stray }) => {
    const word = rights + type + (large ? 0x80n : 0n) + flags + BigInt(page) * 0x1000n + high;
    return BigInt.asUintN(64, stray === null ? word : word ^ (2n ** BigInt(stray)));
  });
/** A word that an SPPT walk gets past more often than not, or a vector. */
const spptWord = fc.oneof(
  fc.nat(pages - 1).map(page => BigInt(page) * 0x1000n + 1n),
  fc.constantFrom(0x5555_5555_5555_5555n, 0n, 0x5555_5555_5555_5554n, 0xffff_ffff_ffff_ffffn),
);

/** Eight pages, of each of which the first four words are set; the last two pages hold SPPT words. */
const image: fc.Arbitrary<LaneMemory> = fc
  .tuple(
    fc.array(entryWord, { minLength: 24, maxLength: 24 }),
    fc.array(spptWord, { minLength: 8, maxLength: 8 }),
  )
  .map(([ept, sppt]) => {
    const memory = laneMemory(pages * 4096);
    [...ept, ...sppt].forEach((word, i) => {
      writeWord(memory, BigInt(Math.floor(i / 4) * 4096 + 8 * (i % 4)), word);
    });
    return memory;
  });

const processor: fc.Arbitrary<Cpu> = fc
  .record({
    width: fc.constantFrom(36, 39, 46, 52),
    root: fc.nat(5),
    eptpLow: fc.constantFrom(0x1en, 0x1en, 0x5en, 0x9en, 0x26n, 0xden, 0x1fn),
    controls: fc.record({
      spp: nearlyAlways,
      mbe: fc.boolean(),
      eptViolationVe: rarely,
      pml: fc.boolean(),
    }),
    capabilities: fc.record({
      executeOnly: nearlyAlways,
      twoMPages: nearlyAlways,
      oneGPages: nearlyAlways,
      advEptInfo: nearlyAlways,
    }),
    state: fc.record({
      nmiUnblockingIret: fc.boolean(),
      eventDelivery: rarely,
      protectedMode: nearlyAlways,
      pmlIndex: fc.constantFrom(0, 511, 512, 0xffff),
    }),
  })
  .map(({ width, root, eptpLow, controls, capabilities, state }) =>
    cpuWith({
      eptp: BigInt(root) * 0x1000n + eptpLow,
      spptp: BigInt(pages - 2) * 0x1000n,
      maxPhysicalAddressWidth: width,
      controls,
      capabilities,
      state: { ...state, veInfoAddress: BigInt(pages - 1) * 0x1000n },
    }),
  );

const anyAccess: fc.Arbitrary<Access> = fc
  .record({
    kind: fc.constantFrom(...accessKinds, 'write' as const, 'write' as const),
    indices: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
    offset: fc.nat(4095),
    more: fc.record({
      size: fc.constantFrom(1, 8, 64, 4096),
      linearValid: nearlyAlways,
      pageWalk: rarely,
      userMode: fc.boolean(),
      guestWritable: fc.boolean(),
      guestNx: fc.boolean(),
      supervisorShadowStack: fc.boolean(),
    }),
  })
  .map(({ kind, indices, offset, more }) => {
    const [index1 = 0, index2 = 0, index3 = 0, index4 = 0, index5 = 0] = indices;
    const page = GuestPhysicalAddress.encode({ index1, index2, index3, index4, index5: index5 % 2 });
    return guestAccess(kind, page + BigInt(offset), more);
  });
