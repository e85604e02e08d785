import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesBetween, placesOf } from '../../../model/bits/index.ts';
import {
  VpAssistPage,
  VpAssistPageBefore,
  vpAssistPageHistory,
  VpAssistPageMerged,
  VpAssistPageV1,
} from '../../../model/hyperv/index.ts';
import { againstGcc, hasGcc } from '../../gcc.ts';

const tables = {
  before: VpAssistPageBefore,
  v1: VpAssistPageV1,
  merged: VpAssistPageMerged,
  modern: VpAssistPage,
};

/** Facts 7, row by row: the member's bytes before the fix, in version 1 and after. */
describe('the members of hv_vp_assist_page lie where facts 7 has them:', () => {
  const bytesOf = (table: keyof typeof tables, path: string): string => {
    const place = placesOf(tables[table]).find(candidate => candidate.path === path);
    return place === undefined ? 'absent' : `${place.offset}..${place.offset + place.size - 1}`;
  };
  test.each([
    ['apic_assist', '0..3', 'apic_assist', '0..3', 'apic_assist', '0..3'],
    ['reserved', '4..7', 'reserved1', '4..7', 'reserved1', '4..7'],
    ['vtl_control', '8..23', 'vtl_control', '8..31', 'vtl_control', '8..31'],
    [
      'nested_enlightenments_control',
      '24..39',
      'nested_enlightenments_control',
      '32..47',
      'nested_control.features.directhypercall',
      '32..35',
    ],
    [
      'nested_control',
      'absent',
      'nested_control',
      'absent',
      'nested_control.hypercallControls.reserved',
      '36..39',
    ],
    ['enlighten_vmentry', '40..43', 'enlighten_vmentry', '48..48', 'enlighten_vmentry', '40..40'],
    ['padding', '44..47', 'reserved2', '49..55', 'reserved2', '41..47'],
    ['current_nested_vmcs', '48..55', 'current_nested_vmcs', '56..63', 'current_nested_vmcs', '48..55'],
  ])('%s', (before, beforeBytes, v1, v1Bytes, merged, mergedBytes) => {
    expect(bytesOf('before', before)).toBe(beforeBytes);
    expect(bytesOf('v1', v1)).toBe(v1Bytes);
    expect(bytesOf('merged', merged)).toBe(mergedBytes);
  });

  test('the sizes are 56, 64, 56 and 624', () => {
    expect(Object.values(tables).map(({ size }) => size)).toEqual([56, 64, 56, 624]);
  });
});

describe('the fix', () => {
  const guestWrites = { enlighten_vmentry: 1, current_nested_vmcs: 0x1234_5000n };

  test('as merged keeps enlighten_vmentry at byte 40 and current_nested_vmcs at byte 48', () => {
    for (const table of [VpAssistPageBefore, VpAssistPageMerged, VpAssistPage]) {
      expect(table.offsets.enlighten_vmentry).toBe(40);
      expect(table.offsets.current_nested_vmcs).toBe(48);
      const page = new Uint8Array(4096);
      page.set(table.encode(guestWrites));
      expect(VpAssistPage.decode(page)).toMatchObject(guestWrites);
    }
  });

  test('in its first version did not: a hypervisor would have read neither', () => {
    const page = new Uint8Array(4096);
    page.set(VpAssistPageV1.encode(guestWrites));
    expect(VpAssistPage.decode(page)).toMatchObject({
      enlighten_vmentry: 0,
      current_nested_vmcs: 1n,
      synthetic_time_unhalted_timer_expired: 0, // 0x00 of 0x1234_5000
    });
  });

  test('moves the direct-hypercall bit from bit 0 of byte 24 to bit 0 of byte 32', () => {
    const before = VpAssistPageBefore.encode({ nested_enlightenments_control: [1n, 0n] });
    const merged = VpAssistPageMerged.encode({ nested_control: { features: { directhypercall: true } } });
    const setBytes = (page: Uint8Array): [number, number][] =>
      [...page.entries()].filter(([, byte]) => byte !== 0);
    expect(setBytes(before)).toEqual([[24, 1]]);
    expect(setBytes(merged)).toEqual([[32, 1]]);
  });

  test('leaves what its first version moved: the two agree on nothing after vtl_control', () => {
    const [, v1, merged] = vpAssistPageHistory.revisions;
    if (v1 === undefined || merged === undefined) throw new Error('revisions are missing');
    expect(changesBetween(v1, merged).map(({ name, kinds }) => `${name}: ${kinds.join(', ')}`)).toEqual([
      'nested_control.features.directhypercall: renamed, resized',
      'nested_control.features.reserved: added',
      'nested_control.hypercallControls.reserved: added',
      'enlighten_vmentry: moved',
      'reserved2: moved',
      'current_nested_vmcs: moved',
    ]);
  });
});

test.each(Object.entries(tables))(
  '%s: any page reads and writes back to the same bytes',
  (_name, table) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: table.size, maxLength: table.size }), page => {
        expect(table.encode(table.decode(page) as never)).toEqual(page);
      }),
      { seed: 8, numRuns: 50 },
    );
  },
);

const modernControl = `struct hv_nested_enlightenments_control {
  struct { uint32_t directhypercall : 1; uint32_t reserved : 31; } __attribute__((packed)) features;
  struct { uint32_t inter_partition_comm : 1; uint32_t reserved : 31; } __attribute__((packed)) hypercall_controls;
} __attribute__((packed));`;
const mergedControl = `struct hv_nested_enlightenments_control {
  struct { uint32_t directhypercall : 1; uint32_t reserved : 31; } features;
  struct { uint32_t reserved; } hypercallControls;
} __attribute__((packed));`;
const beforeMembers = `uint32_t apic_assist; uint32_t reserved; uint64_t vtl_control[2];
  uint64_t nested_enlightenments_control[2]; uint32_t enlighten_vmentry; uint32_t padding;
  uint64_t current_nested_vmcs;`;
const page = (members: string, attribute = '__attribute__((packed))'): string =>
  `struct hv_vp_assist_page { ${members} } ${attribute};`;

describe.skipIf(!hasGcc)('gcc lays out hv_vp_assist_page', () => {
  test.each([
    ['before', page(beforeMembers)],
    [
      'v1',
      page(`uint32_t apic_assist; uint32_t reserved1; uint64_t vtl_control[3];
        uint64_t nested_enlightenments_control[2]; uint8_t enlighten_vmentry; uint8_t reserved2[7];
        uint64_t current_nested_vmcs;`),
    ],
    [
      'merged',
      mergedControl +
        page(`uint32_t apic_assist; uint32_t reserved1; uint64_t vtl_control[3];
          struct hv_nested_enlightenments_control nested_control; uint8_t enlighten_vmentry; uint8_t reserved2[7];
          uint64_t current_nested_vmcs;`),
    ],
    [
      'modern',
      modernControl +
        page(`uint32_t apic_assist; uint32_t reserved1; uint32_t vtl_entry_reason; uint32_t vtl_reserved;
          uint64_t vtl_ret_x64rax; uint64_t vtl_ret_x64rcx;
          struct hv_nested_enlightenments_control nested_control; uint8_t enlighten_vmentry; uint8_t reserved2[7];
          uint64_t current_nested_vmcs; uint8_t synthetic_time_unhalted_timer_expired; uint8_t reserved3[7];
          uint8_t virtualization_fault_information[40]; uint8_t reserved4[8]; uint8_t intercept_message[256];
          uint8_t vtl_ret_actions[256];`),
    ],
  ] as const)('%s, as the table does', (revision, declarations) => {
    const { table, gcc } = againstGcc(declarations, tables[revision]);
    expect(gcc).toEqual(table);
  });

  test('before, and before it was packed, at the same bytes: its padding is declared', () => {
    const { table, gcc } = againstGcc(page(beforeMembers, ''), VpAssistPageBefore);
    expect(gcc.slice(1)).toEqual(table.slice(1));
    expect(gcc[0]).toBe('struct hv_vp_assist_page: 56 bytes, aligned to 8');
  });
});
