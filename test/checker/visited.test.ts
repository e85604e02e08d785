import { afterEach, expect, test, vi } from 'vitest';
import { roomFor, visitedFrom } from '../../checker/search/visited.ts';

afterEach(() => vi.restoreAllMocks());

test('a row that another thread adds while one looks for a different row is not taken for it', () => {
  const [bits, words] = [40, 2];
  const memory = new Int32Array(new SharedArrayBuffer(4 * roomFor(8, bits, words).length));
  const reader = visitedFrom(memory, bits, words);
  const load = Atomics.load.bind(Atomics) as (words: Int32Array, at: number) => number;
  let added = 0;
  vi.spyOn(Atomics, 'load').mockImplementation(((view: Int32Array, at: number) => {
    const seen = load(view, at);
    // the place was free when it was looked at; now it is taken
    if (seen === 0) memory.set([-(2 ** 31) | ++added, 7], at);
    return seen;
  }) as typeof Atomics.load);
  for (let row = 100; row < 120; row++) expect(reader.has(Int32Array.of(row, 5), 0)).toBe(false);
  expect(added).toBe(20);
});

test.each([20, 40, 70])('what was added is there and nothing else is, in rows of %i bits', bits => {
  const words = Math.ceil(bits / 32);
  const rows = (from: number): Int32Array[] =>
    Array.from({ length: 500 }, (_, at) =>
      Int32Array.from({ length: words }, (__, word) => from + at + word),
    );
  const visited = visitedFrom(new Int32Array(roomFor(500, bits, words).length), bits, words);
  for (const row of rows(0)) visited.add(row, 0);
  expect(rows(0).every(row => visited.has(row, 0))).toBe(true);
  expect(rows(1000).some(row => visited.has(row, 0))).toBe(false);
  const places = new Set(rows(0).map(row => visited.placeOf(row, 0)));
  expect(places.size).toBe(500);
  expect(Math.max(...places)).toBeLessThan(visited.places);
});
