import { expect, test } from 'vitest';
import { readDebugPrint } from '../../../evidence/logs/pkvm-debug.ts';
import { countedImplementationNamed } from '../../../oracle/counted/index.ts';
import { checkTrace } from '../../../oracle/trace/index.ts';

test.each([
  [
    '[ 4.2] pkvm: pgstate mismatch: phys=0x1e2888000 host_state=1 expected_mask=0x2',
    { page: 0x1_e288_8000n, state: 1 },
  ],
  ['pkvm: pgstate owner mismatch: phys=0x3000 owner=2 expected=0', { page: 0x3000n, owner: 2 }],
  ['pkvm: pgstate refcount nonzero: phys=0x3010 refcount=1', { page: 0x3000n, pins: 1 }],
  [
    '[12.000001] pkvm-debug: trace hpa=0x3000 tag=pkvm_host_use_dma/pre old=0 new=1 aux=0x9000',
    { page: 0x3000n, pins: 1 },
  ],
  ['pkvm: donate: check_host_mem_pgstate failed ret=-1 hpa=0x3000 size=0x1000', 'passed'],
  ['pkvm: pgstate mismatch: phys=0x3000 host_state=1x expected_mask=0x2', undefined],
  ['kvm: something else', undefined],
])('a debug print of these trees is read: %s', (line, expected) => {
  expect(readDebugPrint(line)).toEqual(expected);
});

test('oracle check holds what is printed of a record against the calls before it', () => {
  const implementation = countedImplementationNamed('x86-2026');
  if (implementation === undefined) throw new Error('there is no x86-2026');
  const log = (pins: number): readonly string[] => [
    '[ 1.0] pagewarden: hello ram=0x0-0x200000 vm=2:protected',
    '[ 1.1] pagewarden: seq=1 host_use_dma vm=0 hpa=0x3000 gpa=0x0 size=0x1000 prot=0x0 ret=0',
    `[ 1.2] pkvm: pgstate refcount nonzero: phys=0x3000 refcount=${pins}`,
    '[ 1.2] pkvm: donate: check_host_mem_pgstate failed ret=-1 hpa=0x3000 size=0x1000',
    '[ 1.3] pagewarden: seq=2 host_donate_guest vm=2 hpa=0x3000 gpa=0x8000 size=0x1000 prot=0x7 ret=-1',
  ];
  expect(checkTrace(log(1), { implementation })).toMatchObject({
    summary: { allowed: 3, forbidden: 0 },
    passed: 1,
  });
  const { forbidden } = checkTrace(log(2), { implementation });
  expect(forbidden.map(({ line, verdict }) => [line, verdict.rule])).toEqual([[3, 'observe.place']]);
});
