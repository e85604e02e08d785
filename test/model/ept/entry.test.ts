import { expect, test } from 'vitest';
import * as ept from '../../../model/ept/index.ts';

const formats = [
  ept.EptPml5e,
  ept.EptPml4e,
  ept.EptPdpte,
  ept.EptPde,
  ept.EptPdpte1G,
  ept.EptPde2M,
  ept.EptPte,
] as const;

test.each(['read', 'write', 'execute', 'accessed', 'executeUser', 'suppressVe'] as const)(
  'the bit %s lies at the same place in every format: the walk reads it before it knows which one it has',
  field => {
    expect(new Set(formats.map(format => format.mask(field))).size).toBe(1);
  },
);

test('memory type, dirty flag and bit 60 lie at the same place in every leaf, page size in every entry that has one', () => {
  const leaves = [ept.EptPdpte1G, ept.EptPde2M, ept.EptPte] as const;
  for (const field of ['memoryType', 'dirty', 'shadowStack'] as const) {
    expect(new Set(leaves.map(format => format.mask(field))).size).toBe(1);
  }
  const sized = [ept.EptPdpte, ept.EptPde, ept.EptPdpte1G, ept.EptPde2M] as const;
  expect(new Set(sized.map(format => format.mask('mapsPage'))).size).toBe(1);
});

test('the table address of every entry that references one is the same field', () => {
  const tables = [ept.EptPml5e, ept.EptPml4e, ept.EptPdpte, ept.EptPde] as const;
  expect(new Set(tables.map(format => format.mask('table'))).size).toBe(1);
});
