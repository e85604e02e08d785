import { describe, expect, test } from 'vitest';
import { arm64KernelNamed, HypPage, Stage2Block1G, Stage2Page } from '../../../model/arm64/index.ts';
import {
  type Arm64Audit,
  auditArm64,
  kernelLeft,
  kernelsOf,
  ramFrom,
  readStage2,
} from '../../../oracle/audit/arm64/index.ts';
import { readCapture } from '../../golden/arm64/read-capture.ts';

const ram = [{ start: 0x4000_0000n, end: 0x6000_0000n }];
const vmemmap = 0x5f60_0000n;
const recordAt = (page: bigint): bigint => vmemmap + ((page - 0x4000_0000n) / 4096n) * 8n;

interface Options {
  readonly change?: Readonly<Record<string, bigint>>;
  readonly forgetting?: (address: bigint) => boolean;
  readonly withoutGuest?: boolean;
  /** Only the parts of RAM that the words below speak of. */
  readonly parts?: boolean;
  readonly ram?: readonly { readonly start: bigint; readonly end: bigint }[];
}

const parts = [
  { start: 0x4100_0000n, end: 0x4110_0000n },
  { start: 0x4247_0000n, end: 0x4249_0000n },
  { start: 0x5f70_0000n, end: 0x5f71_0000n },
];

/** The capture of 7.3.4 with a protected guest, some words changed; pages of hyp_vmemmap that were not kept are zero. */
function audited({
  change = {},
  forgetting = () => false,
  withoutGuest = false,
  parts: inParts = false,
  ram: of,
}: Options = {}): Arm64Audit {
  const capture = readCapture('7.3.4-protected');
  const changed = new Map(Object.entries(change).map(([at, word]) => [BigInt(at), word]));
  const read = (address: bigint): bigint | undefined =>
    forgetting(address) ? undefined : (changed.get(address) ?? capture.words.get(address) ?? 0n);
  const memory = { read };
  const kernel = arm64KernelNamed('7.3.4');
  if (kernel === undefined) throw new Error('7.3 is known');
  return auditArm64({
    memory,
    kernel,
    host: readStage2(memory, capture.host),
    guests: withoutGuest ? [] : [capture.guest],
    ram: of ?? (inParts ? parts : ram),
    records: { address: vmemmap, of: { start: 0x4000_0000n, end: 0x6000_0000n } },
  });
}

/** The address of the host's leaf of a page, found in the captured table. */
function hostLeafOf(page: bigint): bigint {
  const capture = readCapture('7.3.4-protected');
  const { leaves } = readStage2({ read: address => capture.words.get(address) ?? 0n }, capture.host);
  const leaf = leaves.find(({ ipa, size }) => page >= ipa && page < ipa + size);
  if (leaf?.size !== 4096n) throw new Error('a leaf of 4 KByte is expected');
  return leaf.at;
}

const owned = 0x4247_b000n; // the guest's first page, which it owns
const lent = 0x4248_1000n; // the guest's sixth page, which it shares with the host
const guestLeaf = (n: number): bigint => 0x4440_9000n + 8n * BigInt(n);
const rwx = (page: bigint): bigint =>
  Stage2Page.encode({
    valid: true,
    isTableOrPage: true,
    memoryAttributes: 0xf,
    read: true,
    write: true,
    accessFlag: true,
    page,
  });
const record = (host: number, hyp: number, count = 0): bigint =>
  HypPage.encode({ hostState: host, hypStateComplement: hyp ^ 3, hostShareGuestCount: count });

describe('a machine with a protected guest, as captured', () => {
  test('131,072 pages agree: no anomaly, nothing unknown', () => {
    const result = audited();
    expect(result).toMatchObject({ anomalies: [], undecided: [], missing: [], unnamed: [], unrecorded: 0 });
    expect(result.pages).toBe(131_072);
  });

  test('who owns what: hypervisor text that the host may read, five pages of the guest, one that it lends', () => {
    const special = audited().owners.filter(
      ({ owner, sharedWith }) => owner.includes('guest') || sharedWith.length > 0,
    );
    expect(
      special.map(({ start, end, owner, sharedWith }) => [start, (end - start) / 4096n, owner, sharedWith]),
    ).toEqual([
      [0x412fa000n, 27n, 'hypervisor', ['host (read only)']],
      [owned, 5n, 'guest 0x1000', []],
      [lent, 1n, 'guest 0x1000', ['host']],
      [0x441a4000n, 2n, 'host', ['hypervisor']],
      [0x44428000n, 3n, 'host', ['hypervisor']],
    ]);
  });

  test('the kernel and where RAM begins are found out from the words', () => {
    const capture = readCapture('7.3.4-protected');
    const memory = { read: (address: bigint) => capture.words.get(address) ?? 0n };
    const host = readStage2(memory, capture.host);
    const kernel = kernelLeft(kernelsOf(host, true));
    expect(kernel?.name).toBe('7.3');
    expect(kernel === undefined ? undefined : ramFrom(memory, host, kernel, vmemmap)?.start).toBe(
      0x4000_0000n,
    );
  });
});

describe('what nobody may do is found, with the page and everybody who has it', () => {
  test.each<[string, Record<string, bigint>, bigint, string[], RegExp]>([
    [
      'a page of the guest is given back to the host while the guest still has it',
      { [String(hostLeafOf(owned))]: rwx(owned), [String(recordAt(owned))]: 0n },
      owned,
      ['I1'],
      /owned by guest 0x1000 at 0x80000000 and by the host/,
    ],
    [
      'the host maps a page of the guest behind the record',
      { [String(hostLeafOf(owned))]: rwx(owned) },
      owned,
      ['I1', 'vmemmap'],
      /the host maps it; its record says host NOPAGE/,
    ],
    [
      'the annotation names another frame of the guest',
      { [String(hostLeafOf(owned))]: 0x2000_0080_0071_0004n },
      owned,
      ['I3'],
      /recorded as owned by guest 0x1000 at 0x80007000, but guest 0x1000 at 0x80000000 has it OWNED/,
    ],
    [
      'the guest loses its page',
      { [String(guestLeaf(0))]: 0n },
      owned,
      ['I3'],
      /which does not map it: the page is lost/,
    ],
    [
      'the page is mapped at two addresses of the guest',
      { [String(guestLeaf(7))]: rwx(owned) },
      owned,
      ['I4'],
      /owned more than once: by guest 0x1000 at 0x80000000 and guest 0x1000 at 0x80007000/,
    ],
    [
      'the host forgets that it borrows',
      { [String(recordAt(lent))]: 0n },
      lent,
      ['I2'],
      /lent to the host by guest 0x1000 at 0x80005000; its record says host OWNED/,
    ],
    [
      'the guest keeps to itself what the host still borrows',
      { [String(guestLeaf(5))]: rwx(lent) },
      lent,
      ['I1', 'I2'],
      /borrowed by the host, but no guest lends it/,
    ],
    [
      "the guest maps a page of the hypervisor's pool",
      { [String(guestLeaf(7))]: rwx(0x5f70_0000n) },
      0x5f70_0000n,
      ['I7'],
      /owned by the hypervisor, but guest 0x1000 at 0x80007000 maps it/,
    ],
    [
      'a record counts a share that no guest maps',
      { [String(recordAt(0x4100_0000n))]: record(1, 3, 1) },
      0x4100_0000n,
      ['J3'],
      /counts 1 shares with guests, of which 0 are mapped/,
    ],
    [
      'the hypervisor borrows what the host does not lend',
      { [String(recordAt(0x4100_0000n))]: record(0, 2) },
      0x4100_0000n,
      ['I2'],
      /the hypervisor borrows it/,
    ],
    [
      'two owners in one record',
      { [String(recordAt(0x4100_0000n))]: record(0, 0) },
      0x4100_0000n,
      ['I1'],
      /its record gives it to two owners/,
    ],
    [
      'the host maps a page to another one',
      { [String(hostLeafOf(lent))]: rwx(0x4248_2000n) },
      lent,
      ['I6'],
      /instead of itself/,
    ],
  ])('%s', (_, change, page, invariants, what) => {
    const { anomalies } = audited({ change, parts: true });
    expect(anomalies.map(anomaly => [anomaly.page, anomaly.invariants])).toEqual([[page, invariants]]);
    expect(anomalies[0]?.what.join('; ')).toMatch(what);
  });
});

describe('what is not known is unknown', () => {
  test('a page of the guest table that is missing leaves the lost pages undecided', () => {
    const result = audited({
      forgetting: address => address - (address % 4096n) === 0x4440_9000n,
      parts: true,
    });
    expect(result.anomalies).toEqual([]);
    expect(result.missing).toEqual([{ table: 'guest 0x1000', page: 0x4440_9000n, level: 3 }]);
    expect(result.undecided.map(({ page }) => page)).toContain(owned);
  });

  test('a guest that is not given is named', () => {
    const result = audited({ withoutGuest: true, parts: true });
    expect(result.anomalies).toEqual([]);
    expect(result.unnamed).toEqual([0x1000]);
  });

  test('records that are missing are counted', () => {
    const result = audited({ forgetting: address => address - (address % 4096n) === vmemmap });
    expect(result.unrecorded).toBe(512);
    expect(result.anomalies).toEqual([]);
  });

  test('a leaf that a call in progress holds is neither right nor wrong', () => {
    const result = audited({ change: { [String(hostLeafOf(0x4247_a000n))]: 1n << 60n }, parts: true });
    expect(result.locked).toBe(1);
    expect(result.anomalies).toEqual([]);
  });
});

describe('a kernel that keeps states in leaves and does not track normal guests (6.12)', () => {
  const capture = readCapture('6.12-normal');
  const memory = { read: (address: bigint) => capture.words.get(address) ?? 0n };
  const host = readStage2(memory, capture.host);

  test('is told from the words: 6.1 and 6.12 write the same', () => {
    const evidence = kernelsOf(host, false);
    expect(evidence.candidates.map(({ name }) => name)).toEqual(['6.1', '6.12']);
    expect(kernelLeft(evidence)?.name).toBe('6.12');
  });

  test('has no anomaly: the sole owner is not asked of normal guests', () => {
    const kernel = kernelLeft(kernelsOf(host, false));
    if (kernel === undefined) throw new Error('the kernel is known');
    const result = auditArm64({ memory, kernel, host, guests: [capture.guest], ram });
    expect(result).toMatchObject({ anomalies: [], undecided: [], pages: 131_072 });
  });
});

describe('the tables themselves', () => {
  test('a page of a table that the host may write is an anomaly: it is the hypervisor that keeps them', () => {
    const page = 0x4440_9000n; // the last level of the guest's table
    const { anomalies } = audited({ change: { [String(hostLeafOf(page))]: rwx(page) }, parts: true });
    expect(anomalies.map(one => [one.page, one.invariants])).toEqual([[page, ['I7']]]);
  });

  test('a page that two descriptors refer to is an anomaly: what the second maps was not read', () => {
    const again = 0x4440_9000n | 3n;
    const { anomalies } = audited({ change: { [String(0x4440_5008n)]: again }, parts: true });
    expect(anomalies.map(one => [one.page, one.invariants])).toEqual([[0x4440_9000n, ['table']]]);
  });
});

describe('a table that claims more than anybody has is bounded, and never green', () => {
  test('a block that maps terabytes is one claim outside RAM, and what it covers inside is seen', () => {
    // a 1-GByte block at level 1, over all of RAM and more
    const block = Stage2Block1G.encode({ valid: true, read: true, accessFlag: true, page: 0x4000_0000n });
    const result = audited({
      change: { [String(0x443c_9018n)]: block },
      parts: true,
    });
    expect(result.undecided.filter(({ invariants }) => invariants.includes('I11'))).toHaveLength(1);
    expect(result.anomalies.some(({ page }) => page === 0x4100_0000n)).toBe(true);
  });

  test('records of a second stretch of RAM are unknown: they lie somewhere else', () => {
    const result = audited({ ram: [...ram, { start: 0x8000_0000n, end: 0x8000_4000n }] });
    expect([result.unrecorded, result.missingRecordPages]).toEqual([4, []]);
  });

  test('RAM that no leaf of the table covers is unknown', () => {
    const beyond = 1n << 48n;
    expect(audited({ ram: [{ start: beyond, end: beyond + 0x2000n }] }).uncovered).toBe(2);
  });
});
