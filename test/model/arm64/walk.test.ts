import { describe, expect, test } from 'vitest';
import {
  kindOf,
  type Stage2,
  Stage2Block2M,
  stage2Of,
  Stage2Page,
  Stage2PageLpa2,
  Stage2Table,
  translateStage2,
} from '../../../model/arm64/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import { readCapture } from '../../golden/arm64/read-capture.ts';

const tableOf = (vttbr: bigint, vtcr: bigint): Stage2 => {
  const result = stage2Of(vttbr, vtcr);
  if (!result.ok) throw new Error(result.why);
  return result.stage2;
};

describe('VTCR_EL2 gives the shape of the table (facts/arm64-live.md 4)', () => {
  test.each([
    ['cortex-a76', 0x802a3558n, { inputBits: 40, startLevel: 1, rootPages: 2, lpa2: false }],
    ['neoverse-n1', 0x802d3590n, { inputBits: 48, startLevel: 0, rootPages: 1, lpa2: false }],
    ['-cpu max', 0x1802e358cn, { inputBits: 52, startLevel: 0, rootPages: 16, lpa2: true }],
    [
      "the guest's of 6.1 on neoverse-n1",
      0x802d3558n,
      { inputBits: 40, startLevel: 1, rootPages: 2, lpa2: false },
    ],
  ])('%s', (_, vtcr, shape) => {
    expect(tableOf(0x40000000n, vtcr)).toMatchObject(shape);
  });

  test('another granule is refused in one line', () => {
    expect(stage2Of(0x40000000n, 0x802d3590n | (1n << 14n))).toEqual({
      ok: false,
      why: 'VTCR_EL2 asks for 64-KByte granules (TG0 = 1): only 4 KByte are read',
    });
    expect(stage2Of(0x40000000n, 0x802d3590n | (2n << 14n))).toMatchObject({ ok: false });
  });

  test('a walk that cannot start where SL0 says is refused, and so is a root that is not aligned', () => {
    // 48 bits from level 2 would be 16,384 concatenated pages
    expect(stage2Of(0x40000000n, 0x802d3590n & ~0xc0n)).toMatchObject({ ok: false });
    expect(stage2Of(0x40001000n, 0x802a3558n)).toMatchObject({ ok: false });
    // 25 bits lie in one descriptor of level 1
    expect(stage2Of(0x40000000n, (0x802a3558n & ~0x3fn) | 39n)).toMatchObject({ ok: false });
  });

  test('the VMID and, with 52 bits, the address bits 51:48 are read from VTTBR_EL2', () => {
    expect(tableOf(0x1_0000_443b_f001n, 0x802d3590n)).toMatchObject({ root: 0x443bf000n, vmid: 1 });
    expect(tableOf(0x4000_0000n | (5n << 2n), 0x1802e358cn).root).toBe(0x5_0000_4000_0000n);
  });
});

describe('what a descriptor is', () => {
  const kinds = ([-1, 0, 1, 2, 3] as const).flatMap(level =>
    [false, true].map(
      lpa2 => [level, lpa2, [0n, 1n, 2n, 3n].map(word => kindOf(word, level, lpa2))] as const,
    ),
  );
  test('bits 1:0 at every level, with and without LPA2', () => {
    expect(kinds).toEqual([
      [-1, false, ['invalid', 'reserved', 'invalid', 'table']],
      [-1, true, ['invalid', 'reserved', 'invalid', 'table']],
      [0, false, ['invalid', 'reserved', 'invalid', 'table']],
      [0, true, ['invalid', 'block', 'invalid', 'table']],
      [1, false, ['invalid', 'block', 'invalid', 'table']],
      [1, true, ['invalid', 'block', 'invalid', 'table']],
      [2, false, ['invalid', 'block', 'invalid', 'table']],
      [2, true, ['invalid', 'block', 'invalid', 'table']],
      [3, false, ['invalid', 'reserved', 'invalid', 'page']],
      [3, true, ['invalid', 'reserved', 'invalid', 'page']],
    ]);
  });
});

const stage2 = tableOf(0x40000000n, 0x802a3558n);
const withHa = { ...stage2, managesAccessFlag: true };
const withoutHa = { ...stage2, managesAccessFlag: false };
const table = (at: bigint): bigint => Stage2Table.encode({ valid: true, isTableOrPage: true, table: at });
const page = Stage2Page.encode({
  valid: true,
  isTableOrPage: true,
  read: true,
  write: true,
  accessFlag: true,
  page: 0x1234_5000n,
});
const leafAt = 0x40003000n + 8n * 5n;
const memory = (leaf: bigint) =>
  sparseMemory([
    [0x40000000n + 8n * 513n, table(0x40002000n)],
    [0x40002000n, table(0x40003000n)],
    [leafAt, leaf],
  ]);
// in the second of the two concatenated root pages
const ipa = (513n << 30n) + 0x5678n;

describe('a walk with reasons', () => {
  test('reads the concatenated root, then a level after another, and comes to the byte', () => {
    const outcome = translateStage2(memory(page), stage2, { ipa, kind: 'write' });
    expect(outcome).toMatchObject({ kind: 'allowed', pa: 0x1234_5678n, level: 3, sizeBytes: 4096n });
    expect(outcome.walk.map(({ level, at }) => [level, at])).toEqual([
      [1, 0x40001008n],
      [2, 0x40002000n],
      [3, leafAt],
    ]);
  });

  test('an address beyond the input size is a translation fault of level 0 that reads nothing', () => {
    expect(translateStage2(memory(page), stage2, { ipa: 1n << 40n, kind: 'read' })).toEqual({
      kind: 'translation_fault',
      level: 0,
      cause: 'beyond the input size',
      walk: [],
    });
  });

  test('an invalid descriptor, whatever else it holds, and a reserved one are translation faults', () => {
    expect(translateStage2(memory(0x2000000000000002n), stage2, { ipa, kind: 'read' })).toMatchObject({
      kind: 'translation_fault',
      level: 3,
      cause: 'invalid descriptor',
    });
    expect(translateStage2(memory(page & ~2n), stage2, { ipa, kind: 'read' })).toMatchObject({
      kind: 'translation_fault',
      level: 3,
      cause: 'reserved descriptor',
    });
  });

  test('a word that is not there is unknown, never a fault', () => {
    const torn = sparseMemory([[0x40001008n, table(0x40002000n)]]);
    expect(translateStage2(torn, stage2, { ipa, kind: 'read' })).toMatchObject({
      kind: 'unknown',
      level: 2,
      address: 0x40002000n,
    });
  });

  test('an output address beyond PS is an address size fault', () => {
    const far = Stage2Page.with(page, { page: 1n << 40n }); // PS = 2: 40 bits
    expect(translateStage2(memory(far), stage2, { ipa, kind: 'read' })).toMatchObject({
      kind: 'address_size_fault',
      level: 3,
    });
  });

  test('access flag 0: a fault, unless the hardware sets it', () => {
    const untouched = Stage2Page.with(page, { accessFlag: false });
    expect(translateStage2(memory(untouched), withoutHa, { ipa, kind: 'read' })).toMatchObject({
      kind: 'access_flag_fault',
      level: 3,
    });
    expect(translateStage2(memory(untouched), withHa, { ipa, kind: 'read' })).toMatchObject({
      kind: 'allowed',
      setsAccessFlag: true,
    });
  });

  test('S2AP and XN permit each access at each exception level, exhaustively', () => {
    for (const read of [false, true])
      for (const write of [false, true])
        for (const executeNever of [0, 1, 2, 3]) {
          const leaf = memory(Stage2Page.with(page, { read, write, executeNever }));
          const isAllowed = (kind: 'read' | 'write' | 'execute', el0 = false): boolean =>
            translateStage2(leaf, stage2, { ipa, kind, el0 }).kind === 'allowed';
          expect(isAllowed('read')).toBe(read);
          expect(isAllowed('write')).toBe(write);
          expect(isAllowed('execute')).toBe(executeNever === 0 || executeNever === 3);
          expect(isAllowed('execute', true)).toBe(executeNever === 0 || executeNever === 1);
        }
  });

  test('a write to a page that is writable-clean is allowed where the hardware manages the dirty state', () => {
    const clean = memory(Stage2Page.with(page, { write: false, dbm: true }));
    expect(translateStage2(clean, stage2, { ipa, kind: 'write' }).kind).toBe('permission_fault');
    const managed = { ...stage2, managesDirtyState: true };
    expect(translateStage2(clean, managed, { ipa, kind: 'write' }).kind).toBe('allowed');
  });

  test('a 2-MByte block keeps the low 21 bits of the address', () => {
    const block = Stage2Block2M.encode({ valid: true, read: true, accessFlag: true, page: 0x1260_0000n });
    const blocks = sparseMemory([
      [0x40001008n, table(0x40002000n)],
      [0x40002000n, block],
    ]);
    expect(translateStage2(blocks, stage2, { ipa, kind: 'read' })).toMatchObject({
      pa: 0x1260_5678n,
      level: 2,
      sizeBytes: 0x20_0000n,
    });
  });

  test('with LPA2 bits 9:8 of a leaf are address bits 51:50', () => {
    const lpa2 = tableOf(0x40000000n, 0x1802e358cn);
    const high = Stage2PageLpa2.encode({
      valid: true,
      isTableOrPage: true,
      read: true,
      accessFlag: true,
      address51_50: 2,
      page: 0x1000n,
    });
    const tables = sparseMemory([
      [0x40000000n, table(0x40011000n)],
      [0x40011000n, table(0x40012000n)],
      [0x40012000n, table(0x40013000n)],
      [0x40013000n, high],
    ]);
    expect(translateStage2(tables, lpa2, { ipa: 0x10n, kind: 'read' })).toMatchObject({
      kind: 'allowed',
      pa: (2n << 50n) + 0x1010n,
    });
  });
});

test("a protected guest's pages of a real machine (7.3.4) are where its tables say", () => {
  const capture = readCapture('7.3.4-protected');
  const read = (address: bigint) => capture.words.get(address) ?? (capture.holds(address) ? 0n : undefined);
  const pages = [0, 1, 2, 3, 4, 5].map(n => {
    const guestIpa = 0x8000_0000n + 4096n * BigInt(n);
    const outcome = translateStage2({ read }, capture.guest.stage2, { ipa: guestIpa, kind: 'read' });
    return outcome.kind === 'allowed' ? outcome.pa : outcome.kind;
  });
  expect(pages).toEqual([0x4247b000n, 0x4247c000n, 0x4247d000n, 0x4247e000n, 0x4247f000n, 0x42481000n]);
});
