import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  argumentChecks,
  call,
  leafChecks,
  type OperationName,
  operationNames,
  pkvmFaults,
  rulesWith,
  specified,
} from '../../../model/pkvm/index.ts';

const folder = resolve(import.meta.dirname, '../../../model/pkvm');
const normative = readdirSync(folder).filter(name => name.endsWith('.ts') && name !== 'index.ts');
const checkNames = new Set<string>([...argumentChecks, ...leafChecks].map(({ name }) => name));

test('the normative files of model/pkvm name no bug and no fault, but for the checks that can be left out', () => {
  const names = Object.keys(pkvmFaults).filter(name => !checkNames.has(name));
  expect(normative.length).toBeGreaterThan(10);
  const found = normative.flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8');
    const bugs = [...text.matchAll(/\bB\d+\b|[dD]eviat\w*/g)].map(([word]) => word);
    return [...bugs, ...names.filter(name => text.includes(name))].map(word => `${file}: ${word}`);
  });
  expect(found).toEqual([]);
});

test('a fault of a check or of an entry point changes the rules, and no fault is applied twice', () => {
  for (const fault of Object.values(pkvmFaults))
    expect(Object.keys(fault.change(specified)).length, fault.name).toBeGreaterThan(0);
  expect(rulesWith([])).toEqual(specified);
  const once = rulesWith(['late_enomem', 'late_enomem']);
  expect(once.argumentChecks).toHaveLength(argumentChecks.length - 1);
});

test('every check of the arguments decides a call when it alone does not hold, and no longer does when left out', () => {
  const page = 0x3000n;
  const good = { hpa: page, gpa: 0x1_0000n, vm: 2, size: 0x1000n };
  const tables = {
    host: () => 0n,
    guest: () => 0n,
    ram: [{ start: page, end: page + 0x4000n }],
    vms: [
      { id: 2, kind: 'protected' },
      { id: 3, kind: 'normal' },
    ],
    tablePages: 'available',
  } as const;
  const none = { read: false, write: false, execute: false };
  const bad: Record<string, [OperationName, Partial<typeof good> & { prot?: typeof none }]> = {
    'arguments.size_zero': ['host_donate_guest', { size: 0n }],
    'arguments.aligned': ['host_donate_guest', { hpa: page + 8n }],
    'arguments.wrap': ['host_donate_guest', { gpa: 2n ** 64n - 0x1000n, size: 0x2000n }],
    'arguments.vm': ['host_donate_guest', { vm: 1 }],
    'arguments.prot': ['host_donate_guest', { prot: none }],
    'arguments.ram': ['host_donate_guest', { hpa: 0x8000n }],
    'kind.protected': ['host_donate_guest', { vm: 3 }],
    'kind.normal': ['host_share_guest', { vm: 2 }],
  };
  for (const { name } of argumentChecks.filter(({ asked }) => asked === 'first')) {
    const [operation, wrong] = bad[name] ?? [];
    expect(operationNames).toContain(operation);
    if (operation === undefined) continue;
    expect(call(tables, operation, { ...good, ...wrong }).rule).toBe(name);
    expect(call(tables, operation, { ...good, ...wrong }, rulesWith([name])).rule).not.toBe(name);
  }
});
