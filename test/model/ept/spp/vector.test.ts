import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { touchedSubPages } from '../../../../model/ept/index.ts';
import { gatherVector, permitsWrite, spreadVector, SppVector } from '../../../../model/ept/spp/index.ts';

const accessMap = fc.integer({ min: 0, max: 0xffff_ffff });

describe('a sub-page vector', () => {
  test('is the access map with bit i moved to bit 2i', () => {
    expect(spreadVector(0)).toBe(0n);
    expect(spreadVector(0xffff_ffff)).toBe(0x5555_5555_5555_5555n);
    for (let i = 0; i < 32; i++) expect(spreadVector(2 ** i)).toBe(4n ** BigInt(i));
  });

  test('gives the access map back, and each bit of it', () => {
    fc.assert(
      fc.property(accessMap, fc.nat(31), (map, i) => {
        const vector = spreadVector(map);
        expect(gatherVector(vector)).toBe(map);
        expect(permitsWrite(vector, i)).toBe(Math.floor(map / 2 ** i) % 2 === 1);
        expect(SppVector.reservedBits(vector, 52)).toBe(0n);
      }),
      { seed: 3 },
    );
  });

  test('refuses what is no 32-bit map', () => {
    expect(() => spreadVector(-1)).toThrow('-1 is not a 32-bit access map');
    expect(() => spreadVector(2 ** 32)).toThrow(RangeError);
    expect(() => spreadVector(0.5)).toThrow(RangeError);
  });
});

describe('the sub-pages that an access touches', () => {
  test.each([
    [0x000, 1, [0]],
    [0x07f, 1, [0]],
    [0x07c, 8, [0, 1]],
    [0x080, 128, [1]],
    [0x080, 129, [1, 2]],
    [0xfff, 1, [31]],
    // what lies beyond the page has another guest-physical address
    [0xffc, 8, [31]],
    [0x000, 4096, Array.from({ length: 32 }, (_, i) => i)],
  ])('at offset %i, %i bytes: %j', (offset, size, subPages) => {
    expect(touchedSubPages({ gpa: 0x7000n + BigInt(offset), size })).toEqual(subPages);
  });

  test('are those that hold a byte of it, for every offset and size up to 300', () => {
    for (let offset = 0; offset < 4096; offset += 13) {
      for (const size of [1, 2, 8, 64, 127, 128, 129, 300]) {
        const bytes = Array.from({ length: size }, (_, i) => offset + i).filter(byte => byte < 4096);
        const touched = [...new Set(bytes.map(byte => Math.floor(byte / 128)))];
        expect(touchedSubPages({ gpa: BigInt(offset), size })).toEqual(touched);
      }
    }
  });
});
