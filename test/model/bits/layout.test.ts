import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  address,
  bit,
  bits,
  ignored,
  lane,
  lanesOf,
  layout,
  reserved,
  wide,
  wordOf,
} from '../../../model/bits/index.ts';
import { EptPde2M, EptPml4e, EptPte } from '../../../model/ept/index.ts';

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

describe('a layout', () => {
  test('is refused when a bit is declared nowhere', () => {
    expect(() => layout('Half', { a: wide(61, 0), b: bit(63) })).toThrow(
      'Half: bit 62 is declared nowhere',
    );
  });

  test('is refused when a bit is declared twice', () => {
    expect(() => layout('Twice', { a: wide(63, 8), b: bits(8, 0) })).toThrow(
      'Twice: bit 8 is declared twice, in a and b',
    );
  });

  test('is refused exactly where its fields do not tile the word, in whatever order they are declared', () => {
    const range = fc
      .tuple(fc.nat(63), fc.nat(63))
      .map(([a, b]) => ({ hi: Math.max(a, b), lo: Math.min(a, b) }));
    const tiling = fc.uniqueArray(fc.integer({ min: 1, max: 63 }), { maxLength: 6 }).map(cuts => {
      const ends = [0, ...cuts.toSorted((a, b) => a - b), 64];
      return ends.slice(1).map((end, at) => ({ hi: end - 1, lo: ends[at] ?? 0 }));
    });
    const ranges = fc.tuple(tiling, fc.array(range, { maxLength: 1 }), fc.boolean());
    fc.assert(
      fc.property(ranges, fc.infiniteStream(fc.nat()), ([tiles, extra, withGap], order) => {
        const chosen = [...(withGap ? tiles.slice(1) : tiles), ...extra]
          .map(one => ({ one, rank: order.next().value as number }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ one }) => one);
        const owners = Array.from({ length: 64 }, (_, at) =>
          chosen.filter(({ hi, lo }) => at <= hi && at >= lo),
        );
        const declare = () =>
          layout('Any', Object.fromEntries(chosen.map(({ hi, lo }, at) => [`f${at}`, wide(hi, lo)])));
        if (owners.every(({ length }) => length === 1)) expect(declare).not.toThrow();
        else expect(declare).toThrow(/^Any: bit \d+ is declared (nowhere|twice)/);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });

  test('reads and writes every field of any word back to the same word, ignored and reserved bits aside', () => {
    fc.assert(
      fc.property(word, raw => {
        expect(EptPte.encode(EptPte.decode(raw))).toBe(raw & ~EptPte.ignoredMask & ~EptPte.reservedMask);
      }),
    );
  });

  test('decodes a known leaf', () => {
    expect(EptPte.decode(0x2000_0000_1234_5035n)).toMatchObject({
      read: true,
      write: false,
      execute: true,
      memoryType: 6,
      page: 0x1234_5000n,
      subPageWrite: true,
      suppressVe: false,
    });
  });

  test('replaces one field and keeps every other bit', () => {
    fc.assert(
      fc.property(word, raw => {
        const changed = EptPte.with(raw, { memoryType: 5 });
        expect(changed & ~EptPte.mask('memoryType')).toBe(raw & ~EptPte.mask('memoryType'));
        expect(EptPte.get(changed, 'memoryType')).toBe(5);
      }),
    );
  });

  test('refuses a value that does not read back', () => {
    expect(() => EptPte.encode({ memoryType: 8 })).toThrow('EptPte.memoryType cannot hold 8 in bits 5:3');
    expect(() => EptPte.encode({ page: 0x1800n })).toThrow('EptPte.page cannot hold 6144');
    expect(() => EptPte.encode({ page: -0x1000n })).toThrow(RangeError);
    expect(() => EptPte.encode({ page: 1n << 52n })).toThrow(RangeError);
  });

  test('reserves the address bits at and above the physical-address width, and no others', () => {
    expect(EptPte.reservedBits(~0n & 0xffff_ffff_ffff_ffffn, 46)).toBe(0x000f_c000_0000_0000n);
    expect(EptPte.reservedBits(0xffff_ffff_ffff_ffffn, 52)).toBe(0n);
    expect(EptPml4e.reservedBits(0xffff_ffff_ffff_ffffn, 52)).toBe(0xf8n);
    expect(EptPde2M.reservedBits(0xffff_ffff_ffff_ffffn, 52)).toBe(0x001f_f000n);
  });

  test('keeps reserved and ignored apart', () => {
    const format = layout('Both', {
      a: ignored(63, 32),
      b: reserved(31, 12),
      c: address(11, 4),
      d: bits(3, 0),
    });
    expect([format.ignoredMask, format.reservedMask]).toEqual([0xffff_ffff_0000_0000n, 0xffff_f000n]);
  });
});

describe('lanes', () => {
  test('are the two halves of a word', () => {
    fc.assert(
      fc.property(word, raw => {
        const { low, high } = lanesOf(raw);
        expect(wordOf(low, high)).toBe(raw);
      }),
    );
  });

  test('read every field of at most 32 bits as the bigint path does, wherever it lies', () => {
    const place = fc.tuple(fc.nat(63), fc.nat(31)).filter(([lo, more]) => lo + more < 64);
    fc.assert(
      fc.property(word, place, (raw, [lo, more]) => {
        const field = { hi: lo + more, lo };
        const { low, high } = lanesOf(raw);
        expect(lane(field)(low, high)).toBe(Number(BigInt.asUintN(more + 1, raw >> BigInt(lo))));
      }),
    );
  });
});
