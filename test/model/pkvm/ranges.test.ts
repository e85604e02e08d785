import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  annotation,
  call,
  type CallOutcome,
  guestLeaf,
  hostLeaf,
  NEVER_MAPPED,
  type OperationName,
  operationNames,
  operations,
  PAGE_SIZE,
  PageState,
  type PkvmRules,
  type PkvmTables,
  PROT_RWX,
  rulesWith,
  specified,
} from '../../../model/pkvm/index.ts';

const HPA = 0x1ff000n; // neither it nor any multiple of two or more pages from it on is aligned
const GPA = 0x4000_0000n;
const PROTECTED = 16;
const NORMAL = 17;
const at = (index: number): bigint => BigInt(index) * PAGE_SIZE;
const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_BORROWED, PKVM_PAGE_SHARED_OWNED } = PageState;

/** What the leaves of one page can be: whose it is, and at which gpa it is mapped. */
const places = [
  (page: bigint) => [hostLeaf(page, PKVM_PAGE_OWNED), NEVER_MAPPED],
  () => [annotation(0), NEVER_MAPPED],
  (page: bigint) => [annotation(PROTECTED), guestLeaf(page, PROT_RWX, PKVM_PAGE_OWNED)],
  (page: bigint) => [
    hostLeaf(page, PKVM_PAGE_SHARED_BORROWED),
    guestLeaf(page, PROT_RWX, PKVM_PAGE_SHARED_OWNED),
  ],
  (page: bigint) => [
    hostLeaf(page, PKVM_PAGE_SHARED_OWNED),
    guestLeaf(page, PROT_RWX, PKVM_PAGE_SHARED_BORROWED),
  ],
] as const;

function tablesOf(of: readonly number[]): PkvmTables {
  const leaves = of.map((place, index) => places[place]?.(HPA + at(index)) ?? []);
  const look = (first: bigint, address: bigint, which: number): bigint =>
    leaves[Number((address - first) / PAGE_SIZE)]?.[which] ?? NEVER_MAPPED;
  return {
    host: hpa => look(HPA, hpa, 0),
    guest: (_, gpa) => look(GPA, gpa, 1),
    ram: [{ start: HPA, end: HPA + at(of.length) }],
    vms: [
      { id: PROTECTED, kind: 'protected' },
      { id: NORMAL, kind: 'normal' },
    ],
    tablePages: 'available',
  };
}

const vmOf = (name: OperationName): number =>
  name === 'host_share_guest' || name === 'host_unshare_guest' ? NORMAL : PROTECTED;

function callOver(
  name: OperationName,
  tables: PkvmTables,
  rules: PkvmRules,
  { first, length }: { readonly first: number; readonly length: number },
): CallOutcome {
  const { names } = operations[name];
  const args = {
    size: at(length),
    ...(names === 'gpa' ? {} : { hpa: HPA + at(first) }),
    ...(names === 'hpa' ? {} : { vm: vmOf(name), gpa: GPA + at(first) }),
  };
  return call(tables, name, args, rules);
}

const written = ({ writes }: Pick<CallOutcome, 'writes'>): string[] =>
  writes.map(({ table, address, after }) => `${table} ${address} ${after}`).sort();

/** What is other about a call over a range than the calls over its pages, together or not at all. */
function difference(name: OperationName, of: readonly number[], rules: PkvmRules): string | undefined {
  const tables = tablesOf(of);
  const whole = callOver(name, tables, rules, { first: 0, length: of.length });
  const ones = of.map((_, first) => callOver(name, tables, rules, { first, length: 1 }));
  const refused = ones.filter(({ result }) => result !== 0).map(({ result }) => result);
  if (refused.length > 0)
    return refused.includes(whole.result) && whole.writes.length === 0
      ? undefined
      : 'it is not refused as one is';
  if (whole.result !== 0) return `it returns ${whole.result}, and each page would do`;
  return written(whole).join() === ones.flatMap(written).sort().join()
    ? undefined
    : 'it writes something else';
}

const all = (length: number): number[][] =>
  length === 0 ? [[]] : all(length - 1).flatMap(rest => places.map((_, place) => [...rest, place]));

describe('a call over a range is the calls over its pages, or nothing', () => {
  test.each([1, 2, 3])('of %i pages, whatever each of them is', length => {
    for (const name of operationNames)
      for (const of of all(length))
        expect(difference(name, of, specified), `${name} ${of.join()}`).toBe(undefined);
  });

  test('of 511 to 513 pages, of which all but some are alike', () => {
    const place = fc.integer({ min: 0, max: places.length - 1 });
    fc.assert(
      fc.property(
        fc.constantFrom(...operationNames),
        fc.integer({ min: 511, max: 513 }),
        place,
        fc.array(fc.tuple(fc.nat(512), place), { maxLength: 2 }),
        (name, length, most, others) => {
          const of = Array.from(
            { length },
            (_, index) => others.find(([where]) => where === index)?.[1] ?? most,
          );
          return difference(name, of, specified) === undefined;
        },
      ),
      { numRuns: 15 },
    );
  });

  test.each([
    ['large_annotation', 2],
    ['page_by_page', 2],
  ] as const)('with %s it is something else', (fault, length) => {
    const found = operationNames.flatMap(name =>
      all(length).filter(of => difference(name, of, rulesWith([fault])) !== undefined),
    );
    expect(found.length).toBeGreaterThan(0);
  });
});
