import { describe, expect, test } from 'vitest';
import { judgedLines } from '../../../bench/live/judged-lines.ts';
import { pkvmFunctions } from '../../../evidence/live/index.ts';
import { CallGenerator, type CallWorld } from '../../../evidence/live/by-hand/generate.ts';
import {
  handFunctions,
  handOperations,
  registersOf,
  type HandCall,
} from '../../../evidence/live/by-hand/hand-calls.ts';
import { guestTableIn, memcacheIn } from '../../../evidence/live/by-hand/vcpu.ts';
import { el2TableOf, pageOf } from '../../../evidence/live/by-hand/witness.ts';
import { type CalledByHand, makeCalls } from '../../../evidence/node/live/conformance.ts';
import { HypPage, type Stage2 } from '../../../model/arm64/index.ts';

const pages = { A: 0x42400n, B: 0x42401n, C: 0x42405n, D: 0x42407n, E: 0x42409n };
const foreign = { K: 0x5fa00n, T: 0x5fa01n, X: 0x100n };
const gfns = [0x80008n, 0x80009n, 0x8000an] as const;
const beyond = 2n ** 32n;
const worldOf = (vm: 'N' | 'P'): CallWorld => ({ vm, pages, foreign, gfns, beyond });

describe('generated calls', () => {
  const made = (vm: 'N' | 'P', seed: number, count = 5_000): readonly HandCall[] => {
    const generator = new CallGenerator(worldOf(vm), seed);
    return Array.from({ length: count }, () => {
      const call = generator.next(() => true);
      if (call.op === 'host_unshare_ffa') expect(generator.isSharedByFfa(call.pfn ?? 0n)).toBe(true);
      if (call.op === 'hyp_unpin') expect(generator.pinsOf(call.pfn ?? 0n)).toBeGreaterThan(0);
      generator.made(call, 0);
      return call;
    });
  };
  const both = [...made('N', 1), ...made('P', 1)];

  test('are the same for the same seed, and others for another', () => {
    expect(made('P', 3, 200)).toEqual(made('P', 3, 200));
    expect(made('P', 3, 200)).not.toEqual(made('P', 4, 200));
  });

  test('come to every operation, about our pages and foreign ones, frames of the guest and one beyond', () => {
    expect(new Set(both.map(({ op }) => op))).toEqual(new Set(handOperations));
    const named = new Set(both.map(({ pfn }) => pfn));
    for (const pfn of [...Object.values(pages), ...Object.values(foreign)]) expect(named).toContain(pfn);
    expect(new Set(both.map(({ gfn }) => gfn))).toEqual(new Set([undefined, ...gfns, beyond]));
  });

  test('are none that panic or leave something behind: facts/arm64-record.md 5', () => {
    const ours = Object.values(pages);
    for (const { op, pfn = 0n, nr = 1n, gfn, prot = 0n } of both) {
      if (op === 'hyp_donate_host') for (let at = 0n; at < nr; at++) expect(ours).toContain(pfn + at);
      if (op === 'host_donate_hyp' && nr > 1n) expect([pfn, pfn + 1n]).toEqual([0x42400n, 0x42401n]);
      if (op === 'host_test_clear_young_guest') expect(gfn).not.toBe(beyond);
      if (op === 'host_share_guest') expect([0n, 3n]).toContain(prot % 4n);
    }
  });

  test('of functions that the kernel lacks are not made', () => {
    const generator = new CallGenerator(worldOf('P'), 1);
    for (let at = 0; at < 500; at++)
      expect(generator.next(op => op === 'host_share_hyp').op).toBe('host_share_hyp');
  });
});

test('arguments lie in the registers in which a trace finds them', () => {
  const pointers = { vcpu: 0xfff0n, vm: 0xeee0n, mapped: (pfn: bigint) => pfn * 4096n };
  const call = { pfn: 1n, gfn: 2n, nr: 3n, prot: 4n, mkold: 1 } as const;
  const values: Readonly<Record<string, bigint>> = { ...call, mkold: 1n, vcpu: 0xfff0n, vm: 0xeee0n };
  const traced = handOperations.filter(op => handFunctions[op][0] in pkvmFunctions);
  expect(traced).toHaveLength(handOperations.length - 2);
  for (const op of traced) {
    const { fn, registers } = registersOf({ op, ...call }, pointers);
    const names: readonly string[] = pkvmFunctions[fn as keyof typeof pkvmFunctions];
    expect(registers, op).toEqual(names.map(name => values[name]));
  }
  // a range of addresses at EL2
  expect(registersOf({ op: 'hyp_pin', ...call }, pointers).registers).toEqual([0x1000n, 0x4000n]);
});

describe('what no symbol names is found by its form', () => {
  const ram = { start: 0x4000_0000n, end: 0x6000_0000n };
  const vcpu = 0x4100_0000n;
  const chain: readonly (readonly [bigint, bigint])[] = [
    [0x4200_0000n, 0x4200_3000n],
    [0x4200_3000n, 0x4200_1000n],
    [0x4200_1000n, 0n],
  ];
  const memory = (...words: readonly (readonly [bigint, bigint])[]) => {
    const map = new Map(words);
    return { read: (address: bigint) => map.get(address) ?? 0n };
  };
  test('a memcache is as many pages in a chain as it says', () => {
    const at = vcpu + 0x1208n;
    const held = memory([at, 0x4200_0000n], [at + 8n, 3n], ...chain);
    expect(memcacheIn(held, vcpu, ram)).toBe(at + 8n);
    for (const count of [2n, 4n])
      expect(memcacheIn(memory([at, 0x4200_0000n], [at + 8n, count], ...chain), vcpu, ram)).toBeUndefined();
    const circle = memory([at, 0x4200_0000n], [at + 8n, 3n], ...chain.slice(0, 2), [
      0x4200_1000n,
      0x4200_0000n,
    ]);
    expect(memcacheIn(circle, vcpu, ram)).toBeUndefined();
  });
  test('the table of a VM is a root with VTCR_EL2 behind it', () => {
    const vtcr = 0x802d_3590n;
    const at = vcpu + 0x518n;
    const words = [
      [at, 0x443b_f000n],
      [at + 8n, 0xffff_0000n],
      [at + 16n, vtcr],
    ] as const;
    expect(guestTableIn(memory(...words), vcpu, vtcr, ram)?.root).toBe(0x443b_f000n);
    expect(guestTableIn(memory(...words), vcpu, vtcr + 1n, ram)).toBeUndefined();
  });
});

test("the hypervisor's own table begins at the level that the width of its addresses asks for", () => {
  expect(el2TableOf(0x4050_0001n, 16n)).toMatchObject({ root: 0x4050_0000n, startLevel: 0, inputBits: 48 });
  expect(el2TableOf(0x4050_0000n, 25n)).toMatchObject({ startLevel: 1, inputBits: 39 });
});

/** Memory in which all tables are there, and the host owns all pages but two. */
class Pretended implements CalledByHand {
  readonly words = new Map<bigint, bigint>();
  readonly bytes = new Map<bigint, Uint8Array>();
  readonly calls: string[] = [];
  readonly answer: (machine: Pretended, fn: string, registers: readonly bigint[]) => number;
  readonly host: Stage2;
  readonly guest: Stage2;
  readonly vmemmap = 0x5f60_0000n;

  constructor(answer: Pretended['answer']) {
    this.answer = answer;
    const table = (root: bigint, ...addresses: readonly bigint[]): Stage2 => {
      for (const address of addresses) {
        this.words.set(root + 8n * (address / 2n ** 30n), root + 0x1000n + 3n);
        this.words.set(root + 0x1000n + 8n * ((address / 2n ** 21n) % 512n), root + 0x2000n + 3n);
      }
      const shape = { rootPages: 1, startLevel: 1 as const, inputBits: 39, outputBits: 48, lpa2: false };
      return { ...shape, root, vmid: 0, managesAccessFlag: true, managesDirtyState: false };
    };
    this.host = table(0x5fb0_0000n, 0x4240_0000n);
    this.guest = table(0x5fc0_0000n, 0x8000_0000n);
    for (const pfn of [foreign.K, foreign.T])
      this.setRecord(pfn, { hostState: 3, hypStateComplement: 3, refcount: 1 });
    this.words.set(0x5fd0_0000n, 3n); // a memcache of three pages
  }
  setRecord(pfn: bigint, record: Parameters<typeof HypPage.encode>[0]): void {
    this.words.set(this.vmemmap + 8n * (pfn - 0x4_0000n), HypPage.encode(record));
  }
  read(address: bigint): bigint {
    const page = this.bytes.get(address - (address % 4096n));
    if (page === undefined) return this.words.get(address) ?? 0n;
    return new DataView(page.buffer).getBigUint64(Number(address % 4096n), true);
  }
  readonly gdb = {
    readPhysical: () => Promise.resolve(new Uint8Array(4096)),
    writePhysical: (address: bigint, bytes: Uint8Array) => {
      this.bytes.set(address, bytes);
      return Promise.resolve();
    },
  };
  addressOf(): bigint {
    return 0n;
  }
  byHand<T>(
    work: (call: (name: string, ...args: readonly bigint[]) => Promise<number>) => Promise<T>,
  ): Promise<T> {
    return work((name, ...args) => {
      this.calls.push(name);
      return Promise.resolve(this.answer(this, name, args));
    });
  }
  async run(calls: number) {
    const { host, guest, vmemmap } = this;
    const el2 = el2TableOf(0x5fe0_0000n, 25n);
    const places = { vmemmap, firstPfn: 0x4_0000n, pageCount: 0x2_0000n, host, el2, offset: 0n };
    return makeCalls(this, {
      calls,
      seed: 5,
      world: worldOf('P'),
      observed: {
        vm: 'P',
        places,
        pages: { ...pages, ...foreign },
        gfns,
        guest,
        memcache: 0x5fd0_0000n,
      },
      pointers: { vcpu: 0n, vm: 0n, mapped: pfn => pfn * 4096n },
      look: compute => Promise.resolve(compute(this)),
      machine: { run: 'pn', cpu: 'cortex-a72', mode: 'nVHE', ipa_bits: 44 },
    });
  }
}

describe('a hypervisor that is not as the model says is found', () => {
  test('it refuses everything: what is allowed must pass', async () => {
    const { lines, calls, left } = await new Pretended(() => -1).run(100);
    expect({ calls, left }).toEqual({ calls: 100, left: [] });
    const { summary, unparsed, forbidden } = judgedLines(lines, 'arm64-mainline');
    expect(unparsed.count).toBe(0);
    expect(summary.forbidden).toBeGreaterThan(10);
    expect(summary.allowed).toBeGreaterThan(10);
    expect(forbidden[0]?.verdict.differences[0]).toMatchObject({ at: 'ret', observed: '-EPERM' });
  });

  test('it shares a page and forgets to tell one side, and the page is said to be left behind', async () => {
    const machine = new Pretended((at, fn, [pfn = 0n]) => {
      if (fn !== '__pkvm_host_share_hyp' || !Object.values(pages).includes(pfn)) return -1;
      at.setRecord(pfn, { hostState: 1 });
      return 0;
    });
    const { lines, left } = await machine.run(60);
    const { forbidden } = judgedLines(lines, 'arm64-mainline');
    const share = forbidden.find(({ verdict }) => verdict.operation === 'host_share_hyp');
    expect(share?.verdict.differences.some(({ at }) => at.startsWith('record'))).toBe(true);
    expect(left.length).toBeGreaterThan(0);
    // it was asked to take them back
    expect(machine.calls.slice(60)).toEqual(left.map(() => '__pkvm_host_unshare_hyp'));
  });

  test('it wipes a page that nobody gave back', async () => {
    const machine = new Pretended((at, fn) => {
      if (fn === '__pkvm_host_share_hyp') at.bytes.set(pages.A * 4096n, new Uint8Array(4096));
      return -1;
    });
    const { lines } = await machine.run(60);
    expect(lines.some(line => line.includes('"wiped":[["A","zero"]]'))).toBe(true);
    const { forbidden } = judgedLines(lines, 'arm64-mainline');
    expect(forbidden.some(({ verdict }) => verdict.differences.some(({ at }) => at === 'wipe'))).toBe(true);
  });

  test('memory that is not there is no witness', () => {
    const machine = new Pretended(() => 0);
    const places = {
      ...{ vmemmap: machine.vmemmap, firstPfn: 0x4_0000n, pageCount: 0x2_0000n, offset: 0n },
      ...{ host: machine.host, el2: el2TableOf(0x5fe0_0000n, 25n) },
    };
    expect(() => pageOf({ read: () => undefined }, places, pages.A)).toThrow(/no entry for 0x42400000/);
  });
});
