import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CallArguments,
  call,
  flushesFor,
  type OperationName,
  operationNames,
  type PkvmTables,
  PROT_RWX,
} from '../../../model/pkvm/index.ts';

const HPA = 0x3000n;
const GPA = 0x7000n;
const hostOwned = (page: bigint): bigint => 0x0100_0000_0000_0037n | page;

/** One page and one gpa of two guests, every other RAM page the host's. */
const machine = (host: bigint, guestA = 0n, guestB = 0n): PkvmTables => ({
  ram: [{ start: 0n, end: 0x20_0000n }],
  vms: [
    { id: 2, kind: 'unspecified' },
    { id: 3, kind: 'unspecified' },
  ],
  tablePages: 'available',
  host: page => (page === HPA ? host : page < 0x20_0000n ? hostOwned(page) : 0n),
  guest: (vm, gpa) => (gpa === GPA ? (vm === 2 ? guestA : guestB) : 0n),
});

/** The five states of one page, in the raw words of facts/pkvm.md 0.1. */
const states = {
  S0: machine(0x0100_0000_0000_3037n),
  S1: machine(0x0000_0000_0000_0000n),
  S2: machine(0x0000_0000_0000_2000n, 0x0100_0000_0000_3007n),
  S3: machine(0x0300_0000_0000_3037n, 0x0200_0000_0000_3007n),
  S4: machine(0x0200_0000_0000_3037n, 0x0300_0000_0000_3007n),
} as const;
type State = keyof typeof states;

const args = (vm: number): CallArguments => ({ hpa: HPA, vm, gpa: GPA, size: 0x1000n });

/** What a call leads to: the state it ends in, or its errno. */
function outcome(from: State, name: OperationName, vm: number): State | number {
  const tables = states[from];
  const { result, writes } = call(tables, name, args(vm));
  if (result !== 0) return writes.length === 0 ? result : Number.NaN;
  const after = { host: tables.host(HPA), guest: tables.guest(2, GPA) };
  for (const { table, after: word } of writes) after[table === 'host' ? 'host' : 'guest'] = word;
  const reached = (Object.keys(states) as State[]).find(
    state => states[state].host(HPA) === after.host && states[state].guest(2, GPA) === after.guest,
  );
  return reached ?? Number.NaN;
}

describe('the complete relation of one page (facts/pkvm.md 3, with the normative owner check)', () => {
  const [E, V] = [-1, -22];
  const columns: readonly OperationName[] = [
    'host_donate_hyp',
    'hyp_donate_host',
    'host_donate_guest',
    'host_undonate_guest',
    'host_share_guest',
    'host_unshare_guest',
    'guest_share_host',
    'guest_unshare_host',
  ];
  const table: Record<State, readonly (State | number)[]> = {
    S0: ['S1', E, 'S2', E, 'S4', E, V, V],
    S1: [E, 'S0', E, E, E, E, V, V],
    S2: [E, E, E, 'S0', E, E, 'S3', E], // hyp_donate_host: the early code gives 0 here, B2
    S3: [E, E, E, 'S0', E, E, E, 'S2'], // and here; the undonate is the picture's diagonal
    S4: [E, E, E, E, E, 'S0', E, E],
  };
  for (const [from, row] of Object.entries(table) as [State, readonly (State | number)[]][]) {
    columns.forEach((name, at) => {
      test(`${name} by or for guest 2 takes ${from} to ${row[at]}`, () => {
        expect(outcome(from, name, 2)).toBe(row[at]);
      });
    });
    test(`another guest is refused everything in ${from}, but for taking a free page`, () => {
      const free = from === 'S0';
      for (const name of columns.slice(2)) {
        const isTaking = name === 'host_donate_guest' || name === 'host_share_guest';
        const { result } = call(states[from], name, args(3));
        expect(result).toBe(isTaking && free ? 0 : name.startsWith('guest') ? V : E);
      }
    });
  }
});

describe('arguments', () => {
  const result = (name: OperationName, changed: Partial<CallArguments>): number =>
    call(states.S0, name, { ...args(2), ...changed }).result;

  test.each(operationNames)(
    '%s refuses size zero, half pages and a range that wraps with -EINVAL',
    name => {
      expect(result(name, { size: 0n })).toBe(-22);
      expect(result(name, { size: 0x800n })).toBe(-22);
      const last = (1n << 64n) - 0x1000n;
      const start = name.startsWith('guest') ? { gpa: last } : { hpa: last };
      expect(result(name, { ...start, size: 0x2000n })).toBe(-22);
    },
  );

  test('a page outside RAM is -EINVAL for donation and sharing, and a mismatch for the way back', () => {
    const mmio = { hpa: 0xfee0_0000n };
    for (const name of [
      'host_donate_hyp',
      'hyp_donate_host',
      'host_donate_guest',
      'host_share_guest',
    ] as const) {
      expect(result(name, mmio)).toBe(-22);
    }
    for (const name of ['host_undonate_guest', 'host_unshare_guest'] as const)
      expect(result(name, mmio)).toBe(-1);
  });

  test.each([0, 1, 4, 0x10_0000])('%i is not the id of a guest of this machine', vm => {
    expect(result('host_donate_guest', { vm })).toBe(-22);
  });

  test('a grant of nothing, or of write without read, is -EINVAL', () => {
    for (const prot of [
      { read: false, write: false, execute: false },
      { read: false, write: true, execute: false },
      { read: false, write: true, execute: true },
    ]) {
      expect(result('host_share_guest', { prot })).toBe(-22);
    }
    expect(result('host_share_guest', { prot: { read: true, write: false, execute: false } })).toBe(0);
  });

  test('a size of the whole address space is answered at once', () => {
    for (const name of operationNames) expect(result(name, { size: 1n << 63n })).toBeLessThan(0);
  });

  test('donation needs a protected VM and sharing a normal one', () => {
    const kinds = {
      ...states.S0,
      vms: [
        { id: 2, kind: 'normal' },
        { id: 3, kind: 'protected' },
      ] as const,
    };
    expect(call(kinds, 'host_donate_guest', args(2))).toMatchObject({ result: -1, rule: 'kind.protected' });
    expect(call(kinds, 'host_share_guest', args(3))).toMatchObject({ result: -1, rule: 'kind.normal' });
    expect(call(kinds, 'host_donate_guest', args(3)).result).toBe(0);
  });
});

describe('a refused call writes nothing', () => {
  const anyWord = fc.constantFrom(
    0n,
    0x2000n,
    0x3000n,
    0x0100_0000_0000_3037n,
    0x0200_0000_0000_3037n,
    0x0300_0000_0000_3037n,
    0x0100_0000_0000_3007n,
    0x0200_0000_0000_3007n,
    0x0300_0000_0000_3007n,
    0x0100_0000_0000_4007n,
  );
  test('whatever the leaves say, even words that no correct hypervisor writes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...operationNames),
        anyWord,
        anyWord,
        anyWord,
        fc.integer({ min: 1, max: 3 }),
        (name, host, guestA, guestB, pages) => {
          const { result, writes } = call(machine(host, guestA, guestB), name, {
            ...args(2),
            size: BigInt(pages) * 0x1000n,
          });
          expect(result === 0 || writes.length === 0).toBe(true);
          expect([0, -1, -12, -22]).toContain(result);
        },
      ),
    );
  });

  test('when no table page can be had: -ENOMEM', () => {
    for (const name of ['host_donate_guest', 'host_share_guest'] as const) {
      const outcome = call({ ...states.S0, tablePages: 'exhausted' }, name, args(2));
      expect(outcome).toMatchObject({ result: -12, writes: [] });
    }
  });
});

describe('wiping and flushing', () => {
  test('a page that comes back from a guest is wiped, unless the guest had shared it', () => {
    expect(call(states.S2, 'host_undonate_guest', args(2)).wipes).toEqual([HPA]);
    expect(call(states.S3, 'host_undonate_guest', args(2)).wipes).toEqual([]);
  });

  test('a leaf that goes is flushed, a state that changes is not (facts/pkvm.md 0.2 C8)', () => {
    const flushes = (from: State, name: OperationName): unknown =>
      flushesFor(call(states[from], name, args(2)).writes);
    expect(flushes('S0', 'host_donate_guest')).toEqual({ host: true, iotlb: true, guests: [] });
    expect(flushes('S0', 'host_share_guest')).toEqual({ host: false, iotlb: false, guests: [] });
    expect(flushes('S4', 'host_unshare_guest')).toEqual({ host: false, iotlb: false, guests: [2] });
    expect(flushes('S2', 'host_undonate_guest')).toEqual({ host: false, iotlb: false, guests: [2] });
    expect(flushes('S3', 'guest_unshare_host')).toEqual({ host: true, iotlb: true, guests: [] });
  });

  test('the grant is what the caller gives', () => {
    const prot = { read: true, write: false, execute: true };
    const { writes } = call(states.S0, 'host_share_guest', { ...args(2), prot });
    expect(writes.find(({ table }) => table === 2)?.after).toBe(0x0300_0000_0000_3005n);
    expect(PROT_RWX).toEqual({ read: true, write: true, execute: true });
  });
});
