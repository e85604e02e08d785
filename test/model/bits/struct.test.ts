import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  array,
  bytes,
  flexibleArray,
  flexibleBytes,
  s32,
  s64,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../../../model/bits/index.ts';
import { againstGcc, hasGcc } from '../../gcc.ts';

const Inner = struct('inner', { flags: u16 }, { size: 2 });
const Every = struct(
  'every',
  {
    a: u8,
    b: u16,
    inner: Inner,
    c: u32,
    d: s32,
    e: u64,
    f: s64,
    g: array(u16, 3),
    h: bytes(5),
    i: array(Inner, 2),
    last: u8,
  },
  { size: 56, offsets: { b: 2, inner: 4, c: 8, e: 16, g: 32, h: 38, i: 44, last: 48 } },
);
const Tight = struct('tight', { a: u8, b: u64, c: u16, d: array(u32, 2) }, { size: 19, packed: true });
const Tailed = struct('tailed', { base: u64, count: u32, map: flexibleArray(u32) }, { size: 16 });

const int = (min: bigint, max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min, max });
const number = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });
const inner = fc.record({ flags: number(16) });
const every = fc.record({
  a: number(8),
  b: number(16),
  inner,
  c: number(32),
  d: fc.integer(),
  e: int(0n, 2n ** 64n - 1n),
  f: int(-(2n ** 63n), 2n ** 63n - 1n),
  g: fc.array(number(16), { minLength: 3, maxLength: 3 }),
  h: fc.uint8Array({ minLength: 5, maxLength: 5 }),
  i: fc.array(inner, { minLength: 2, maxLength: 2 }),
  last: number(8),
});
const seed = 8;

describe('a C structure', () => {
  test('gives back every value that was written into it', () => {
    fc.assert(
      fc.property(every, values => {
        expect(Every.decode(Every.encode(values))).toEqual(values);
      }),
      { seed },
    );
  });

  test('gives back every byte it was read from, padding aside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 56, maxLength: 56 }), buffer => {
        const expected = buffer.slice();
        for (const { offset, size } of Every.holes) expected.fill(0, offset, offset + size);
        expect(Every.encode(Every.decode(buffer))).toEqual(expected);
      }),
      { seed },
    );
  });

  test('is little-endian', () => {
    expect([...Tailed.encode({ base: 0x0102n, count: 0x0304, map: [5] })]).toEqual([
      2, 1, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 5, 0, 0, 0,
    ]);
  });

  test('names the padding that the compiler inserts', () => {
    expect(Every.holes).toEqual([
      { offset: 1, size: 1 },
      { offset: 6, size: 2 },
      { offset: 43, size: 1 },
      { offset: 49, size: 7 },
    ]);
    expect(Tight.holes).toEqual([]);
  });

  test('is read from the middle of a larger buffer', () => {
    const buffer = new Uint8Array(40);
    buffer.set(Tight.encode({ b: 7n }), 3);
    expect(Tight.decode(buffer.subarray(3)).b).toBe(7n);
  });

  test('ends with as many elements as the buffer holds', () => {
    expect(Tailed.encode({ map: [1, 2, 3] }).length).toBe(24);
    expect(Tailed.decode(Tailed.encode({ map: [1, 2, 3] })).map).toEqual([1, 2, 3]);
    expect(Tailed.decode(Tailed.encode({}))).toEqual({ base: 0n, count: 0, map: [0] });
  });
});

describe('a table of members', () => {
  test('is refused when its size is not the declared one', () => {
    expect(() => struct('x', { a: u8, b: u32 }, { size: 5 })).toThrow('x is 8 bytes long, declared 5');
  });

  test('is refused when an offset is not the declared one', () => {
    expect(() => struct('x', { a: u8, b: u32 }, { size: 8, offsets: { b: 1 } })).toThrow(
      'x.b lies at byte 4, declared at 1',
    );
    expect(() => struct('x', { a: u8 }, { size: 1, offsets: { c: 1 } })).toThrow('x has no member c');
  });

  test('is refused when a flexible member is not the last', () => {
    expect(() => struct('x', { a: flexibleBytes, b: u8 }, { size: 1 })).toThrow(
      'x: a is flexible and not the last member',
    );
  });
});

describe('a value that does not fit', () => {
  test.each([
    [{ a: 256 }, 'every.a cannot hold 256 in a u8'],
    [{ c: -1 }, 'every.c cannot hold -1 in a u32'],
    [{ c: 0.5 }, 'every.c cannot hold 0.5 in a u32'],
    [{ e: -1n }, 'every.e cannot hold -1 in a u64'],
    [{ f: 2n ** 63n }, 'every.f cannot hold 9223372036854775808 in a s64'],
    [{ g: [1] }, 'every.g holds 3 elements, not 1'],
    [{ g: [1, 2, 65536] }, 'every.g[2] cannot hold 65536 in a u16'],
    [{ h: new Uint8Array(4) }, 'every.h holds 5 bytes, not 4'],
    [{ inner: { flags: 65536 } }, 'every.inner.flags cannot hold 65536 in a u16'],
  ])('is refused, and the member named: %o', (values, message) => {
    expect(() => Every.encode(values)).toThrow(message);
  });

  test('is refused when the buffer is too short', () => {
    expect(() => Tight.decode(new Uint8Array(18))).toThrow(
      'struct tight is 19 bytes long; the buffer has 18',
    );
  });
});

describe.skipIf(!hasGcc)('gcc lays out', () => {
  const declarations = `
    struct inner { uint16_t flags; };
    struct every { uint8_t a; uint16_t b; struct inner inner; uint32_t c; int32_t d; uint64_t e; int64_t f;
      uint16_t g[3]; uint8_t h[5]; struct inner i[2]; uint8_t last; };
    struct tight { uint8_t a; uint64_t b; uint16_t c; uint32_t d[2]; } __attribute__((packed));
    struct tailed { uint64_t base; uint32_t count; uint32_t map[]; };`;
  test.each([Every, Tight, Tailed])('$name as the table does', type => {
    const { table, gcc } = againstGcc(declarations, type);
    expect(gcc).toEqual(table);
  });
});
