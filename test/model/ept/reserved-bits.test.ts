import { describe, expect, test } from 'vitest';
import { cpuWith, guestAccess, translate } from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import { at, eptEntryAt, gpaAt, spptEntryAt } from '../../../systems/spp-walk/image.ts';

/** The reserved bits of facts 1.2 that do not depend on the width, by the entry's level and what it references. */
const fixed = {
  PML5E: [3, 4, 5, 6, 7],
  PML4E: [3, 4, 5, 6, 7],
  PDPTE: [3, 4, 5, 6],
  PDE: [3, 4, 5, 6],
  'PDPTE 1G': Array.from({ length: 18 }, (_, i) => 12 + i),
  'PDE 2M': Array.from({ length: 9 }, (_, i) => 12 + i),
  PTE: [],
} as const;

const widths = Array.from({ length: 52 - 36 + 1 }, (_, i) => 36 + i);
const power = (bit: number): bigint => 2n ** BigInt(bit);
const root5 = at.ept[5] + 0x26n;

const good: readonly (readonly [1 | 2 | 3 | 4 | 5, bigint])[] = [
  [5, at.ept[4] + 7n],
  [4, at.ept[3] + 7n],
  [3, at.ept[2] + 7n],
  [2, at.ept[1] + 7n],
  [1, at.page['4K'] + 0x37n],
];

const cases: readonly (readonly [keyof typeof fixed, 1 | 2 | 3 | 4 | 5, bigint])[] = [
  ['PML5E', 5, at.ept[4] + 7n],
  ['PML4E', 4, at.ept[3] + 7n],
  ['PDPTE', 3, at.ept[2] + 7n],
  ['PDE', 2, at.ept[1] + 7n],
  ['PDPTE 1G', 3, at.page['1G'] + 0xb7n],
  ['PDE 2M', 2, at.page['2M'] + 0xb7n],
  ['PTE', 1, at.page['4K'] + 0x37n],
];

describe('H10: every single reserved bit of a present entry is a misconfiguration at that level', () => {
  test.each(cases)('%s, at every physical-address width', (name, level, word) => {
    const reserved: readonly number[] = fixed[name];
    for (const width of widths) {
      const cpu = cpuWith({ eptp: root5, maxPhysicalAddressWidth: width });
      for (let bit = 3; bit < 64; bit++) {
        if (Math.floor(Number((word / power(bit)) % 2n)) === 1 && bit < 12) continue;
        // bit 7 of a PDPTE or PDE is the page size, bits 5:3 of a leaf its memory type
        if (bit === 7 && (name === 'PDPTE' || name === 'PDE')) continue;
        if (bit < 7 && (name.includes(' ') || name === 'PTE')) continue;
        // within the width an address bit leads elsewhere and is not the subject here
        const isAddress = bit >= 12 && bit < width && !reserved.includes(bit);
        if (isAddress) continue;
        const changed = good.map(
          ([at_, entry]) => [eptEntryAt(at_), at_ === level ? word | power(bit) : entry] as const,
        );
        for (const kind of ['read', 'write', 'execute'] as const) {
          const outcome = translate(sparseMemory(changed), cpu, guestAccess(kind, gpaAt(0, 5)));
          const isReserved = reserved.includes(bit) || (bit >= width && bit <= 51);
          expect(
            outcome.kind === 'ept_misconfig' && outcome.level === level,
            `bit ${bit}, N = ${width}`,
          ).toBe(isReserved);
        }
      }
    }
  });

  test.each([4, 3, 2] as const)('SPPT L%iE, at every physical-address width, bits 63:52 too', level => {
    const words = { 4: at.sppt[3] + 1n, 3: at.sppt[2] + 1n, 2: at.sppt[1] + 1n } as const;
    for (const width of widths) {
      const cpu = cpuWith({
        eptp: root5,
        spptp: at.sppt[4],
        maxPhysicalAddressWidth: width,
        controls: { spp: true },
      });
      for (let bit = 1; bit < 64; bit++) {
        if (bit >= 12 && bit < width) continue;
        const memory = sparseMemory([
          ...good.map(
            ([one, entry]) => [eptEntryAt(one), one === 1 ? entry - 2n + power(61) : entry] as const,
          ),
          ...([4, 3, 2] as const).map(
            one => [spptEntryAt(one), one === level ? words[one] + power(bit) : words[one]] as const,
          ),
          [spptEntryAt(1), 0x5555_5555_5555_5555n],
        ]);
        const write = guestAccess('write', gpaAt(0, 5));
        expect(translate(memory, cpu, write)).toMatchObject({ kind: 'spp_misconfig', level });
        // not valid is decided first
        const invalid = new Map(memory.words);
        invalid.set(spptEntryAt(level), words[level] - 1n + power(bit));
        expect(translate(sparseMemory(invalid), cpu, write)).toMatchObject({ kind: 'spp_miss', level });
      }
    }
  });
});
