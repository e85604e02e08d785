import { describe, expect, test } from 'vitest';
import { Eptp, EptMemoryType, EptPml4e } from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import {
  countedCall,
  type CountedArguments,
  CountedLeaf,
  type CountedOperationName,
  type CountedWorld,
  createWorld,
  type Leaf,
  PkvmPage,
  rulesOf,
  x86Revisions,
} from '../../../model/pkvm/counted/index.ts';
import { auditCounted, type CountedAudit } from '../../../oracle/audit/index.ts';

const ram = [{ start: 0x40_0000n, end: 0x80_0000n }];
const records = { address: 0x2000_0000n, first: 0x40_0000n, stride: 8n };
const rules = rulesOf(x86Revisions.G2c);

function machine(): CountedWorld {
  const world = createWorld({
    memblocks: ram,
    reserved: [{ start: 0x7f_0000n, end: 0x80_0000n }],
    leafLevels: [1, 2, 3],
    vms: [
      { id: 1, isProtected: false },
      { id: 2, isProtected: true, isFinalized: true },
    ],
  });
  const call = (name: CountedOperationName, args: CountedArguments): void => {
    if (args.vm !== undefined) world.setTableMemory(args.vm, { memcache: 64, pool: 0 });
    expect(countedCall(world, name, args, rules).result).toBe(0);
  };
  const size = 0x1000n;
  call('host_donate_hyp', { pa: 0x41_0000n, size: 0x4000n });
  call('host_donate_hyp_share_ro', { pa: 0x41_4000n, size });
  call('host_share_hyp', { pa: 0x42_0000n, size });
  call('host_share_guest', { vm: 1, gpa: 0x1_0000n, pa: 0x43_0000n, size });
  call('host_share_guest', { vm: 1, gpa: 0x2_0000n, pa: 0x43_0000n, size, writable: false });
  call('host_share_guest', { vm: 1, gpa: 0x20_0000n, pa: 0x60_0000n, size: 0x1_0000n });
  call('host_use_dma', { pa: 0x43_0000n, size });
  call('host_donate_guest', { vm: 2, gpa: 0x1_0000n, pa: 0x44_0000n, size: 0x3000n });
  call('guest_share_host', { vm: 2, gpa: 0x1_1000n, size });
  return world;
}

/** The words of a machine's tables and records, as they lie in memory. */
class Image {
  readonly words = new Map<bigint, bigint>();
  #free = 0x1000_0000n;

  #page(): bigint {
    this.#free += 0x1000n;
    return this.#free;
  }

  /** Writes the leaves as a table of four levels; returns the EPTP. */
  table(leaves: Iterable<Leaf>): bigint {
    const root = this.#page();
    for (const { start, word, level } of leaves) {
      let table = root;
      for (let at = 4; at > level && word !== 0n; at--) {
        const entry = entryOf(table, start, at);
        const next = this.words.get(entry);
        const child = next === undefined ? this.#page() : EptPml4e.get(next, 'table');
        if (next === undefined)
          this.words.set(entry, EptPml4e.encode({ read: true, write: true, execute: true, table: child }));
        table = child;
      }
      if (word !== 0n) this.words.set(entryOf(table, start, level), word);
    }
    return Eptp.encode({ memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, table: root });
  }
}

const entryOf = (table: bigint, address: bigint, level: number): bigint =>
  table + ((address / 512n ** BigInt(level - 1) / 0x1000n) % 512n) * 8n;

function audited(
  world: CountedWorld,
  spoil: (image: Image) => void = () => {},
  withGuests = true,
): CountedAudit {
  const image = new Image();
  const all = { start: 0n, size: 1n << 40n };
  const hostEptp = image.table(world.host.leaves({ start: 0n, size: 0x80_0000n }));
  const guests = withGuests
    ? [1, 2].map(id => ({ id, eptp: image.table(world.guest(id).leaves(all)) }))
    : [];
  for (let page = 0x40_0000n; page < 0x80_0000n; page += 0x1000n)
    image.words.set(recordWordAt(page), world.record(page));
  spoil(image);
  return auditCounted({ memory: sparseMemory(image.words, 'zero'), hostEptp, guests, ram, records });
}
const recordWordAt = (page: bigint): bigint => records.address + ((page - records.first) / 0x1000n) * 8n;

const faults = ({ anomalies }: CountedAudit): readonly string[] =>
  anomalies.map(({ invariant, start, what }) => `${invariant} 0x${start.toString(16)}: ${what}`);

test('a machine that only made calls has no anomaly, and every page an owner', () => {
  const result = audited(machine());
  expect(result.anomalies).toEqual([]);
  expect(result.undecided).toEqual([]);
  const ownerAt = (page: bigint) => result.owners.find(({ start, end }) => page >= start && page < end);
  expect(ownerAt(0x41_0000n)).toMatchObject({ owner: 'hypervisor', end: 0x41_4000n, sharedWith: [] });
  expect(ownerAt(0x41_4000n)).toMatchObject({ owner: 'hypervisor', sharedWith: ['host'] });
  expect(ownerAt(0x43_0000n)).toMatchObject({ owner: 'host', sharedWith: ['guest 1'] });
  expect(ownerAt(0x44_1000n)).toMatchObject({ owner: 'guest 2', sharedWith: ['host'] });
  expect(ownerAt(0x7f_0000n)).toMatchObject({ owner: 'hypervisor' });
});

describe('each violation is one anomaly, at the page, by its sentence', () => {
  const record = (page: bigint, fields: Parameters<typeof PkvmPage.with>[1]) => (image: Image) => {
    const at = recordWordAt(page);
    image.words.set(at, PkvmPage.with(image.words.get(at) ?? 0n, fields));
  };
  const leaf = (word: bigint, after: bigint) => (image: Image) => {
    const found = [...image.words].find(([, value]) => value === word);
    if (found === undefined) throw new Error('no such leaf');
    image.words.set(found[0], after);
  };
  const mapped = (page: bigint): bigint => CountedLeaf.with(0x37n, { page });

  test.each([
    [
      'a count off by one',
      record(0x43_0000n, { guestShares: 1 }),
      'J3a 0x430000: 2 leaves of guests borrow it, the record counts 1',
    ],
    [
      'both counts',
      record(0x43_0000n, { hypShares: 1 }),
      'J3b 0x430000: 1 shares with the hypervisor and 2 with guests',
    ],
    [
      'a share that counts nothing',
      record(0x42_0000n, { hypShares: 0 }),
      'J3c 0x420000: SHARED_OWNED with 0 shares',
    ],
    [
      'a pin on a page of a guest',
      record(0x44_0000n, { refcount: 1 }),
      'J5 0x440000: 1 pins on a page of a guest',
    ],
    [
      'a leaf left with the host',
      (image: Image) => {
        for (const [at, word] of image.words)
          if (word === mapped(0x44_3000n)) image.words.set(at - 8n, mapped(0x44_2000n));
      },
      'J2 0x442000: NONE by GUEST, but the host maps it rwx',
    ],
    [
      'a write right left with the host',
      leaf(0x41_4035n, 0x41_4037n),
      'J2 0x414000: SHARED_BORROWED by HYP, but the host maps it rwx, not r-x write-back',
    ],
    [
      'a page that its guest lost',
      leaf(0x0010_0000_0044_0037n, 0n),
      'J4 0x440000: NONE by GUEST, but no guest has it OWNED',
    ],
    ['a page that two guests own', leaf(0x0030_0000_0043_0035n, 0x0010_0000_0044_0037n), 'J6'],
    [
      'an owner that fits no state',
      record(0x45_0000n, { owner: 1 }),
      'J1 0x450000: the record says OWNED by HYP',
    ],
  ])('%s', (_, spoil, expected) => {
    const found = faults(audited(machine(), spoil));
    expect(found.length).toBeGreaterThan(0);
    expect(found.some(text => text.startsWith(expected))).toBe(true);
    if (!expected.startsWith('J6')) expect(found).toEqual([expected]);
  });
});

test('what missing tables may explain is undecided, and missing records are unknown', () => {
  const blind = audited(machine(), () => {}, false);
  expect(blind.anomalies).toEqual([]);
  expect(blind.undecided.map(({ invariant }) => invariant)).toContain('J3a');
  const image = audited(machine(), ({ words }) => void words.delete(recordWordAt(0x45_0000n)));
  // a word that a dump leaves out is zero here: NONE by HOST is none of the pairs that there are
  expect(faults(image)).toContain('J1 0x450000: the record says NONE by HOST');
});
