import { describe, expect, test } from 'vitest';
import { annotation, guestLeaf, hostLeaf, PageState, PROT_RWX, viewOf } from '../../../model/pkvm/index.ts';
import { pageInvariants } from '../../../properties/page-claims.ts';
import { audit, type Audit, rangesOf, readTable } from '../../../oracle/audit/index.ts';
import { bytesOf, type Dump, readDump } from '../../../evidence/dumps/index.ts';
import { qemuXp } from '../../arbitraries/dump-text.ts';
import { type Lab, labMemory } from '../../arbitraries/lab-memory.ts';
import {
  Implementation,
  randomCall,
  randomFrom,
  smallWorld,
} from '../../arbitraries/pkvm-implementation.ts';

const { PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

const dumpOf = (bytes: Uint8Array, base: bigint): Dump => {
  const result = readDump(bytesOf(bytes), base);
  if (!result.ok) throw new Error(result.refusal.why);
  return result.dump;
};
const auditOf = ({ bytes, hostEptp, guests, ram }: Lab): Audit =>
  audit({ memory: dumpOf(bytes, 0n), hostEptp, guests, ram });

const hpa = 0x3000n;
const gpa = 0x7000n;

describe('one page, in every combination of what host and guests say of it', () => {
  const hostWords = {
    owned: hostLeaf(hpa, PKVM_PAGE_OWNED),
    shares: hostLeaf(hpa, PKVM_PAGE_SHARED_OWNED),
    borrows: hostLeaf(hpa, PKVM_PAGE_SHARED_BORROWED),
    hyp: annotation(0),
    two: annotation(2),
    three: annotation(3),
  };
  const guestWords = {
    none: 0n,
    owned: guestLeaf(hpa, PROT_RWX, PKVM_PAGE_OWNED),
    shares: guestLeaf(hpa, PROT_RWX, PKVM_PAGE_SHARED_OWNED),
    borrows: guestLeaf(hpa, PROT_RWX, PKVM_PAGE_SHARED_BORROWED),
  };
  /** The states of facts/pkvm.md 3: S0 to S4, with either guest. */
  const reachable = new Set([
    'owned none none',
    'hyp none none',
    'two owned none',
    'three none owned',
    'borrows shares none',
    'borrows none shares',
    'shares borrows none',
    'shares none borrows',
  ]);
  const combinations = Object.entries(hostWords).flatMap(([host, hostWord]) =>
    Object.entries(guestWords).flatMap(([second, secondWord]) =>
      Object.entries(guestWords).map(([third, thirdWord]) => ({
        name: `${host} ${second} ${third}`,
        leaves: [
          { table: 'host' as const, address: hpa, word: hostWord },
          { table: 2, address: gpa, word: secondWord },
          { table: 3, address: gpa + 0x1000n, word: thirdWord },
        ],
      })),
    ),
  );

  test('is clean exactly where allowed calls lead there', () => {
    expect(combinations).toHaveLength(96);
    const clean = combinations
      .filter(({ leaves }) => auditOf(labMemory(leaves)).anomalies.length === 0)
      .map(({ name }) => name);
    expect(new Set(clean)).toEqual(reachable);
  });

  test('is clean exactly where I1 to I4 hold of what the tables claim', () => {
    for (const { name, leaves } of combinations) {
      const [host, ...guests] = leaves.map(({ table, word }) => ({ table, ...viewOf(word) }));
      if (host === undefined) throw new Error('there is a host leaf');
      const claims = {
        hostState: host.pageState,
        ownerId: host.ownerId,
        guests: guests.flatMap(({ table, isPresent, pageState }) =>
          isPresent && table !== 'host' ? [{ vm: table, pageState }] : [],
        ),
      };
      const broken = pageInvariants.filter(({ holds }) => !holds(claims).holds);
      expect([name, broken.length === 0]).toEqual([name, reachable.has(name)]);
    }
  });
});

test('every state that calls lead to is clean', () => {
  const random = randomFrom(20261124);
  const world = smallWorld();
  for (let run = 0; run < 25; run++) {
    const implementation = new Implementation(world);
    for (let i = 0; i < 30; i++) implementation.call(randomCall(world, random));
    const leaves = implementation
      .leaves()
      .flatMap(({ table, address, word }) => (word === undefined ? [] : [{ table, address, word }]));
    expect(auditOf(labMemory(leaves))).toMatchObject({ anomalies: [], missing: [], unnamed: [] });
  }
});

test('an EPTP that points at zeros tells nothing: nobody owns anything, and no anomaly is certain', () => {
  const lab = labMemory([
    { table: 2, address: gpa, word: guestLeaf(hpa, PROT_RWX, PageState.PKVM_PAGE_OWNED) },
  ]);
  const found = auditOf({ ...lab, hostEptp: 0x0001_501en });
  expect(found).toMatchObject({ isHostEmpty: true, owners: [], anomalies: [] });
  expect(found.undecided.length).toBeGreaterThan(0);
  expect(auditOf(lab).isHostEmpty).toBe(false);
});

describe('who owns what', () => {
  const lab = labMemory([
    { table: 'host', address: 0x3000n, word: annotation(2) },
    { table: 2, address: 0x7000n, word: guestLeaf(0x3000n, PROT_RWX, PKVM_PAGE_OWNED) },
    { table: 'host', address: 0x4000n, word: hostLeaf(0x4000n, PKVM_PAGE_SHARED_OWNED) },
    { table: 3, address: 0x7000n, word: guestLeaf(0x4000n, PROT_RWX, PKVM_PAGE_SHARED_BORROWED) },
  ]);

  test('is told as ranges', () => {
    expect(auditOf(lab).owners).toEqual([
      { start: 0n, end: 0x3000n, owner: 'host', sharedWith: [] },
      { start: 0x3000n, end: 0x4000n, owner: 'guest 2', sharedWith: [] },
      { start: 0x4000n, end: 0x5000n, owner: 'host', sharedWith: ['guest 3'] },
      { start: 0x5000n, end: 0x10_0000n, owner: 'host', sharedWith: [] },
      { start: 0x10_0000n, end: 0x11_0000n, owner: 'hypervisor', sharedWith: [] },
      { start: 0x11_0000n, end: 0x20_0000n, owner: 'host', sharedWith: [] },
    ]);
  });

  test('does not say hypervisor where nobody said what is RAM', () => {
    const { owners } = audit({ memory: dumpOf(lab.bytes, 0n), hostEptp: lab.hostEptp, guests: lab.guests });
    expect(owners.find(({ start }) => start === 0x10_0000n)?.owner).toBe('hypervisor or no memory');
  });

  test('asks for the table of a guest that the host records', () => {
    const result = audit({
      memory: dumpOf(lab.bytes, 0n),
      hostEptp: lab.hostEptp,
      guests: [],
      ram: lab.ram,
    });
    expect(result).toMatchObject({ unnamed: [2] });
    expect(result.anomalies).toEqual([]);
    expect(result.undecided.map(({ invariant }) => invariant)).toEqual(['I2']);
  });

  test('is the same from a text dump of the pages of the tables', () => {
    const text = qemuXp(0x10_0000, lab.bytes.subarray(0x10_0000, 0x10_c000));
    const read = readDump(bytesOf(new TextEncoder().encode(text)));
    if (!read.ok) throw new Error(read.refusal.why);
    const fromText = audit({ memory: read.dump, hostEptp: lab.hostEptp, guests: lab.guests, ram: lab.ram });
    expect(fromText).toEqual(auditOf(lab));
  });

  test('does not call a page lost or shared with nobody while a part of a guest is missing', () => {
    const memory = dumpOf(lab.bytes.subarray(0, 0x10_7000), 0n);
    const result = audit({ memory, hostEptp: lab.hostEptp, guests: lab.guests, ram: lab.ram });
    expect(result.anomalies).toEqual([]);
    expect(result.undecided.map(({ invariant }) => invariant)).toEqual(['I3', 'I2']);
  });

  test('asks for the page of a table that the dump does not hold', () => {
    const memory = dumpOf(lab.bytes.subarray(0, 0x10_3000), 0n);
    const { missing } = audit({ memory, hostEptp: lab.hostEptp, guests: [], ram: lab.ram });
    expect(missing).toEqual([{ table: 'host', page: 0x10_3000n, level: 1, gpa: 0n, size: 0x20_0000n }]);
    expect(memory.fetch(0x10_3000n)).toBe('pmemsave 0x103000 4096 page-0x103000.bin');
  });
});

describe('what no call leads to is told with the words that say so', () => {
  const cases: readonly [string, string, RegExp, Parameters<typeof labMemory>[0]][] = [
    [
      'a lost page',
      'I3',
      /does not map it: the page is lost/,
      [{ table: 'host', address: hpa, word: annotation(2) }],
    ],
    [
      'a page of the hypervisor in a guest',
      'I7',
      /guest 2 has it OWNED/,
      [
        { table: 'host', address: hpa, word: annotation(0) },
        { table: 2, address: gpa, word: guestLeaf(hpa, PROT_RWX, PKVM_PAGE_OWNED) },
      ],
    ],
    [
      'a table page that the host maps',
      'I7',
      /lies in a page that the host maps/,
      [{ table: 'host', address: 0x10_1000n, word: hostLeaf(0x10_1000n, PKVM_PAGE_OWNED) }],
    ],
    [
      'a host leaf that maps another page',
      'I6',
      /to 0x4000 instead of itself/,
      [{ table: 'host', address: hpa, word: hostLeaf(0x4000n, PKVM_PAGE_OWNED) }],
    ],
    [
      'a mapped page without a state',
      'I5',
      /state NOPAGE/,
      [{ table: 'host', address: hpa, word: 0x3037n }],
    ],
    [
      'a page at two gpas',
      'I4',
      /more than once: by guest 2 at 0x7000 and guest 2 at 0x8000/,
      [
        { table: 'host', address: hpa, word: annotation(2) },
        { table: 2, address: gpa, word: guestLeaf(hpa, PROT_RWX, PKVM_PAGE_OWNED) },
        { table: 2, address: gpa + 0x1000n, word: guestLeaf(hpa, PROT_RWX, PKVM_PAGE_OWNED) },
      ],
    ],
    [
      'the reserved owner id 1',
      'I14',
      /owned by id 1/,
      [{ table: 'host', address: hpa, word: annotation(1) }],
    ],
    [
      'a misconfigured leaf',
      'EPT',
      /write-without-read/,
      [{ table: 'host', address: hpa, word: 0x0100_0000_0000_3032n }],
    ],
  ];
  for (const [name, invariant, what, leaves] of cases) {
    test(name, () => {
      const { anomalies } = auditOf(labMemory(leaves));
      const found = anomalies.find(anomaly => anomaly.invariant === invariant && what.test(anomaly.what));
      expect(found, JSON.stringify(anomalies.map(anomaly => anomaly.what))).toBeDefined();
      expect(found?.words.length).toBeGreaterThan(0);
    });
  }
});

test('a page of a protected guest that was made non-present is not lost: state and address are kept', () => {
  const kept = guestLeaf(hpa, { read: false, write: false, execute: false }, PKVM_PAGE_OWNED);
  const lab = labMemory([
    { table: 'host', address: hpa, word: annotation(2) },
    { table: 2, address: gpa, word: kept },
  ]);
  expect(auditOf(lab).anomalies).toEqual([]);
});

test('a table that refers to itself is read once', () => {
  const lab = labMemory([]);
  const view = new DataView(lab.bytes.buffer);
  for (let i = 1; i < 512; i++) view.setBigUint64(0x10_0000 + 8 * i, 0x10_0007n, true);
  const reading = readTable(dumpOf(lab.bytes, 0n), lab.hostEptp);
  expect(reading.pages.size).toBe(4);
  expect(reading.usedTwice).toHaveLength(511);
});

test('a table is listed as ranges of the same meaning', () => {
  const lab = labMemory([{ table: 'host', address: hpa, word: annotation(2) }]);
  const ranges = rangesOf(readTable(dumpOf(lab.bytes, 0n), lab.hostEptp), 'host');
  expect(ranges.slice(0, 3)).toMatchObject([
    { gpa: 0n, size: 0x3000n, page: 0n, state: 'OWNED', rights: 'rwx', memoryType: 'WB', leaves: 3 },
    { gpa: 0x3000n, size: 0x1000n, state: 'NOPAGE', rights: '---', owner: 2, leaves: 1 },
    { gpa: 0x4000n, size: 0xf_c000n, page: 0x4000n, state: 'OWNED' },
  ]);
});
