import { describe, expect, test } from 'vitest';
import { bitsNamed, maskOf } from '../../../model/bits/index.ts';
import {
  cpuWith,
  type CpuChoice,
  entryChecks,
  explainNoException,
  explainOutcome,
  guestAccess,
  misconfigurations,
  translate,
  veConditions,
  ViolationQualification,
} from '../../../model/ept/index.ts';
import { sppConditions } from '../../../model/ept/spp/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';

const tables: readonly (readonly [bigint, bigint])[] = [
  [0x1000n, 0x2007n],
  [0x2000n, 0x3007n],
  [0x3000n, 0x4007n],
  [0x4018n, 0x9037n],
];

/** Why a write to 0x3000 ends as it does, with these words instead of the well-formed ones. */
function why(words: readonly (readonly [bigint, bigint])[], cpu: Partial<CpuChoice> = {}): string {
  const processor = cpuWith({ eptp: 0x101en, maxPhysicalAddressWidth: 46, ...cpu });
  const memory = sparseMemory([...tables, ...words]);
  return explainOutcome(translate(memory, processor, guestAccess('write', 0x3000n)), processor).text;
}

describe('a misconfiguration is explained with the bits that make it one', () => {
  test.each([
    [
      'a bit beyond the width',
      0x4018n,
      0x9037n + 2n ** 46n,
      'the PTE is misconfigured: reserved bit 46 is set, and N is 46',
    ],
    [
      'bits beyond the width and below them',
      0x2000n,
      0x3007n + 2n ** 51n + 2n ** 50n + 0x8n,
      'the PDPTE is misconfigured: reserved bits 51:50 and 3 are set, and N is 46',
    ],
    [
      'the low address bits of a large page',
      0x3000n,
      0x20_10b7n,
      'the PDE is misconfigured: reserved bit 12 is set',
    ],
    ['the memory type', 0x4018n, 0x903fn, 'the PTE is misconfigured: its memory type, 7, is reserved'],
    [
      'write without read',
      0x4018n,
      0x9032n,
      'the PTE is misconfigured: bit 1 (write) is 1 and bit 0 (read) is 0',
    ],
  ])('%s', (_, address, word, text) => {
    expect(why([[address, word]])).toBe(text);
  });

  test('of an SPPT entry', () => {
    const spp = { spptp: 0x10000n, controls: { spp: true } };
    const leaf = [0x4018n, 0x2000_0000_0000_9035n] as const;
    expect(why([leaf, [0x10000n, 0x8000_0000_0001_1003n]], spp)).toBe(
      'in the SPPT L4E reserved bits 63 and 1 are set',
    );
  });
});

test.each([
  [{ eptp: 0x1_0f1en }, 'bits 11:8 and 63:N are 0, and reserved bits 11:8 are set'],
  [{ eptp: 0x8000_0000_101en }, 'bits 11:8 and 63:N are 0, and reserved bit 47 is set, and N is 46'],
  [{ eptp: 0x101an }, 'supported, and the memory type is 2'],
  [{ eptp: 0x1016n }, 'and the page-walk length is 3'],
])('a failed VM entry names the bits: %o', (cpu, text) => {
  expect(why([], cpu)).toContain(text);
});

describe('a violation that did not become a #VE says why', () => {
  const reason = (cpu: Partial<CpuChoice>, pte: bigint): string | undefined => {
    const processor = cpuWith({ eptp: 0x101en, ...cpu });
    const memory = sparseMemory([...tables, [0x4018n, pte], [0x7000n, 1n << 32n]]);
    const outcome = translate(memory, processor, guestAccess('write', 0x3000n));
    return explainNoException(outcome, processor)?.text;
  };
  const controls = { eptViolationVe: true };
  const state = { veInfoAddress: 0x7000n };

  test('bit 63, the state of the processor, or the information area in use', () => {
    expect(reason({ controls, state }, 2n ** 63n)).toBe(
      'bit 63 (suppress #VE) of the last entry read is 1',
    );
    expect(reason({ controls, state: { ...state, protectedMode: false } }, 0n)).toBe('CR0.PE is 0');
    expect(reason({ controls, state: { ...state, eventDelivery: true } }, 0n)).toContain('being delivered');
    expect(reason({ controls, state }, 0n)).toContain('area at 0x7000 is in use');
  });

  test('and says nothing where the control is 0, or where the access is allowed', () => {
    expect(reason({ state }, 0n)).toBeUndefined();
    expect(reason({ controls, state }, 0x9037n)).toBeUndefined();
  });
});

test('every check has words, each its own', () => {
  const rules = [...misconfigurations, ...sppConditions, ...veConditions].map(({ rule }) => rule);
  expect(new Set(rules).size).toBe(rules.length);
  expect(new Set(entryChecks.map(({ name }) => name)).size).toBe(entryChecks.length);
});

test('every bit of a violation that is not reserved has words for 1 and for 0', () => {
  for (const { role, words } of Object.values(ViolationQualification.fields)) {
    if (role === 'reserved') continue;
    expect(words?.says(true)).not.toBe(words?.says(false));
  }
});

test('bits are named highest first, in runs', () => {
  expect(bitsNamed(1n)).toBe('bit 0');
  expect(bitsNamed(maskOf({ hi: 63, lo: 52 }) + 0x80an)).toBe('bits 63:52, 11, 3 and 1');
  expect(bitsNamed(2n ** 64n - 1n)).toBe('bits 63:0');
  expect(bitsNamed(0b11n)).toBe('bits 1:0');
});
