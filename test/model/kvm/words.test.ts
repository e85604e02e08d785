import { expect, test } from 'vitest';
import { EptPte } from '../../../model/ept/index.ts';
import {
  FULL_VECTOR,
  KvmSpte,
  KvmSpte53,
  permitsWrite,
  plainLeaf,
  protectedLeaf,
  spread,
  subPageNumbers,
  vectorDenying,
} from '../../../model/kvm/index.ts';
import { SppVector } from '../../../model/ept/spp/index.ts';

test('the leaf of an unprotected page is readable, writable, executable, write-back, as KVM writes it', () => {
  expect(plainLeaf(0x401f_f000n, '4K', true)).toBe(0x0000_0000_401f_fc77n);
  expect(plainLeaf(0x4020_0000n, '2M', true)).toBe(0x0000_0000_4020_0cf7n);
});

test('the leaf of a protected page has W=0 and bit 61', () => {
  expect(protectedLeaf(plainLeaf(0x401f_f000n, '4K', true))).toBe(0x2000_0000_401f_fc75n);
});

test("KVM's own bits lie where the hardware ignores them, in both eras", () => {
  for (const format of [KvmSpte, KvmSpte53]) {
    const own = ['sppSaved', 'accessTrackRead', 'accessTrackExecute', 'special', 'mmuWritable'] as const;
    for (const field of own) {
      expect(EptPte.ignoredMask & format.mask(field), `${format.name}.${field}`).toBe(format.mask(field));
    }
    expect(EptPte.mask('subPageWrite')).toBe(format.mask('subPageWrite'));
  }
  expect(KvmSpte.mask('sppSaved')).toBe(1n << 55n);
  expect(KvmSpte53.mask('sppSaved')).toBe(1n << 53n);
});

test('bit i of a vector becomes bit 2i of the L1E, and no odd bit is ever set', () => {
  expect(spread(FULL_VECTOR)).toBe(0x5555_5555_5555_5555n);
  expect(spread(0)).toBe(0n);
  for (const i of subPageNumbers) {
    expect(vectorDenying([i])).toBe(FULL_VECTOR - 2 ** i);
    expect(spread(2 ** i)).toBe(1n << BigInt(2 * i));
    expect(SppVector.reservedBits(spread(2 ** i), 52)).toBe(0n);
    for (const j of subPageNumbers) expect(permitsWrite(vectorDenying([i]), j)).toBe(i !== j);
  }
});
