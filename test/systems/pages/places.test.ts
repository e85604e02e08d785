import { describe, expect, test } from 'vitest';
import { BLOCK_SIZE, OwnerId, PAGE_SIZE, isGuestId } from '../../../model/pkvm/index.ts';
import {
  adversarial,
  inRegion,
  type Numbering,
  placesOf,
  plain,
  rangesOfPages,
} from '../../../systems/pages/places.ts';

const counts = { pages: 12, gpas: 12, protected: 8, normal: 8, mmio: 2, cpus: 3 };
const numberings: readonly (readonly [string, Numbering])[] = [
  ['plain', plain],
  ['adversarial', adversarial],
  ['in a region', inRegion],
];

describe.each(numberings)('members that are numbered %s', (_, numbering) => {
  const { pages, gpas, vms, mmio, cpus } = placesOf(counts, numbering);

  test('are as many as asked for, and no two are the same', () => {
    const ids = vms.map(({ id }) => id);
    expect([pages, gpas, ids, mmio, cpus].map(list => new Set<bigint | number>(list).size)).toEqual([
      12, 12, 16, 2, 3,
    ]);
    expect(vms.filter(({ kind }) => kind === 'protected')).toHaveLength(8);
  });

  test('are pages and owner ids that the words can hold, MMIO apart from RAM', () => {
    for (const page of [...pages, ...gpas, ...mmio]) expect(page % PAGE_SIZE).toBe(0n);
    for (const { id } of vms) expect(isGuestId(id), String(id)).toBe(true);
    for (const page of mmio) expect([...pages, ...gpas]).not.toContain(page);
  });

  test('are the same ones in a larger system: it only has more', () => {
    const smaller = placesOf({ ...counts, pages: 3, gpas: 2, protected: 1, normal: 1 }, numbering);
    expect(smaller.pages).toEqual(pages.slice(0, 3));
    expect(smaller.gpas).toEqual(gpas.slice(0, 2));
    expect(smaller.vms.map(({ id }) => id)).toEqual(vms.slice(0, 2).map(({ id }) => id));
  });
});

test('adversarial numbers are those that a narrow mask or shift confuses', () => {
  const { pages, vms } = placesOf(counts, adversarial);
  const ids = vms.map(({ id }) => id);
  // 16 looks like the hypervisor through 4 bits, 17 like the host; 2^20-1 is the last that fits the field
  for (const id of [15, 16, 17, (1 << 20) - 1]) expect(ids).toContain(id);
  expect(ids.some(id => (id & 0xf) === OwnerId.PKVM_ID_HYP)).toBe(true);
  expect(ids.some(id => (id & 0xf) === OwnerId.PKVM_ID_HOST)).toBe(true);
  for (const edge of [BLOCK_SIZE, 1n << 32n]) {
    expect(pages).toContain(edge);
    expect(pages).toContain(edge - PAGE_SIZE);
  }
});

test('neighbours are one range, everything else a range of its own', () => {
  const [first, second, apart] = [0x3000n, 0x4000n, 0x9000n];
  expect(rangesOfPages([first, second, apart])).toEqual([
    { start: first, end: 0x5000n },
    { start: apart, end: 0xa000n },
  ]);
  expect(rangesOfPages([])).toEqual([]);
});
