import { expect, test } from 'vitest';
import {
  BUG,
  countedCall,
  type CountedOperationName,
  rulesOf,
  x86Revisions,
} from '../../../../model/pkvm/counted/index.ts';
import { A, B, type Bench, benchOf, block, g, P, p, page, q } from './bench.ts';

/** The operations, one by one: facts/pkvm-2026.md 1.3. */

const [EPERM, EINVAL, ENOMEM, ENOSPC] = [-1, -22, -12, -28];
const inFirmware = { start: g, end: g + 2n * page };

test('host_donate_hyp: host EPT unmap (leaf 0), NONE/HYP, a host flush; zeroed if asked', () => {
  const { call, record, hostLeaf } = benchOf();
  const { result, flushes, wipes } = call('host_donate_hyp', { pa: p, clear: true });
  expect(result).toBe(0);
  expect([record(), hostLeaf()]).toEqual([
    [0, 1, 0, 0, 0],
    [0n, 1],
  ]);
  expect(flushes).toEqual([{ who: 'host', start: p, size: page }]);
  expect(wipes).toEqual([{ start: p, size: page }]);
});

test('host_donate_hyp_share_ro: the host keeps r-x (0x35), SB/HYP, and the write right taken is flushed', () => {
  const { call, record, hostLeaf } = benchOf();
  const { result, flushes } = call('host_donate_hyp_share_ro', { pa: p });
  expect([result, record(), hostLeaf()]).toEqual([0, [3, 1, 0, 0, 0], [0x40_0035n, 1]]);
  expect(flushes).toHaveLength(1);
});

test.each(['host_donate_hyp', 'host_donate_hyp_share_ro'] as const)(
  '%s needs OWNED, HOST and no pins',
  name => {
    const { call } = benchOf();
    call('host_share_hyp', { pa: p });
    call('host_use_dma', { pa: q });
    expect(call(name, { pa: p })).toMatchObject({ result: EPERM, rule: 'page.state' });
    expect(call(name, { pa: q })).toMatchObject({ result: EPERM, rule: 'page.unpinned' });
    expect(call(name, { pa: 3n * block })).toMatchObject({ result: EPERM, rule: 'page.state' });
  },
);

test('hyp_donate_host accepts NONE and SB of the hypervisor, and flushes only where the host could read', () => {
  const { call, record, hostLeaf } = benchOf();
  call('host_donate_hyp', { pa: p });
  call('host_donate_hyp_share_ro', { pa: q });
  expect(call('hyp_donate_host', { pa: p, clear: true })).toMatchObject({
    result: null,
    flushes: [],
    wipes: [{ start: p, size: page }],
  });
  expect(call('hyp_donate_host', { pa: q }).flushes).toHaveLength(1);
  expect([record(p), hostLeaf(p), hostLeaf(q)]).toEqual([
    [1, 0, 0, 0, 0],
    [0x40_0037n, 1],
    [0x40_1037n, 1],
  ]);
});

test('hyp_donate_host is a bug on a page that is not the hypervisor’s, one reserved at boot included', () => {
  const { call } = benchOf();
  call('host_donate_guest', { vm: P, gpa: g, pa: q });
  expect(call('hyp_donate_host', { pa: p })).toMatchObject({ result: BUG, rule: 'page.state' });
  expect(call('hyp_donate_host', { pa: q })).toMatchObject({ result: BUG, rule: 'page.owner' });
  expect(call('hyp_donate_host', { pa: 3n * block })).toMatchObject({ result: BUG, rule: 'page.owner' });
});

test('host_donate_hyp_mmio takes MMIO whoever has it, and flushes only what was present', () => {
  const { call, hostLeaf } = benchOf();
  const mmio = block - page;
  expect(call('host_donate_hyp_mmio', { pa: mmio }).flushes).toHaveLength(1);
  expect(hostLeaf(mmio)).toEqual([0x1000n, 1]);
  expect(call('host_donate_hyp_mmio', { pa: mmio })).toMatchObject({ result: 0, flushes: [] });
  expect(call('host_donate_hyp_mmio', { pa: p }).result).toBe(EINVAL);
});

test('hyp_donate_host_mmio maps RWX UC and OWNED where the hypervisor kept it; -EPERM where the host has it', () => {
  const { call, hostLeaf } = benchOf();
  const mmio = block - page;
  expect(call('hyp_donate_host_mmio', { pa: mmio })).toMatchObject({ result: EPERM, rule: 'mmio.absent' });
  call('host_donate_hyp_mmio', { pa: mmio });
  expect(call('hyp_donate_host_mmio', { pa: mmio }).result).toBe(0);
  expect(hostLeaf(mmio)).toEqual([0x10_0000_001f_f007n, 1]);
});

test('host_share_hyp counts, whether pinned or not, and refuses a page that is shared with a guest', () => {
  const { call, record } = benchOf();
  call('host_use_dma', { pa: p });
  call('host_share_hyp', { pa: p });
  call('host_share_hyp', { pa: p });
  expect(record()).toEqual([2, 0, 2, 0, 1]);
  call('host_share_guest', { vm: A, gpa: g, pa: q });
  expect(call('host_share_hyp', { pa: q })).toMatchObject({ result: EPERM, rule: 'page.state' });
});

/** Puts a record in the state that 65,535 calls would lead to. */
function countTo(bench: Bench, name: CountedOperationName, shift: bigint): void {
  const { world, call } = bench;
  call(name, name === 'host_share_guest' ? { vm: A, gpa: g, pa: p } : { pa: p });
  const mask = 0xffffn << shift;
  world.setRecord(p, world.record(p) | mask);
}

test('the count of shares is u16, and -ENOSPC is tested first', () => {
  const hyp = benchOf();
  countTo(hyp, 'host_share_hyp', 32n);
  expect(hyp.call('host_share_hyp', { pa: p })).toMatchObject({ result: ENOSPC, rule: 'page.count' });
  const guest = benchOf();
  countTo(guest, 'host_share_guest', 48n);
  expect(guest.call('host_share_guest', { vm: B, gpa: g, pa: p })).toMatchObject({ result: ENOSPC });
});

test('the 65536th pin of a page is a BUG', () => {
  const bench = benchOf();
  countTo(bench, 'host_use_dma', 0n);
  expect(bench.record()).toEqual([1, 0, 0, 0, 0xffff]);
  expect(bench.call('host_use_dma', { pa: p })).toMatchObject({ result: BUG, bugIn: 'pkvm_page_ref_inc' });
});

test('host_unshare_hyp: the last share makes the page OWNED; one too many is a bug', () => {
  const { call, record } = benchOf();
  call('host_share_hyp', { pa: p });
  call('host_share_hyp', { pa: p });
  call('host_unshare_hyp', { pa: p });
  expect(record()).toEqual([2, 0, 1, 0, 0]);
  call('host_unshare_hyp', { pa: p });
  expect(record()).toEqual([1, 0, 0, 0, 0]);
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  expect(call('host_unshare_hyp', { pa: p })).toMatchObject({
    result: BUG,
    bugIn: 'pkvm_host_unshare_hyp',
  });
});

test('host_donate_guest asks in the order alignment, kind, finalized, host, guest', () => {
  const { call, world } = benchOf();
  expect(call('host_donate_guest', { vm: A, gpa: g + 1n, pa: q })).toMatchObject({ rule: 'gpa.aligned' });
  expect(call('host_donate_guest', { vm: A, gpa: g, pa: q })).toMatchObject({
    result: EPERM,
    rule: 'vm.protected',
    warnings: 1,
  });
  call('host_donate_guest', { vm: P, gpa: g, pa: p });
  expect(call('host_donate_guest', { vm: P, gpa: g, pa: p })).toMatchObject({ rule: 'page.state' });
  expect(call('host_donate_guest', { vm: P, gpa: g, pa: q })).toMatchObject({ rule: 'leaf.state' });
  expect(world.guest(P)).toBeDefined();
});

test('host_donate_guest unmaps the host, marks NONE/GUEST and maps rwx OWNED; the page is not wiped on the way in', () => {
  const { call, record, hostLeaf, guestLeaf } = benchOf();
  expect(call('host_donate_guest', { vm: P, gpa: g, pa: p })).toMatchObject({
    result: 0,
    flushes: [{ who: 'host' }],
    wipes: [],
  });
  expect([record(), hostLeaf(), guestLeaf(P)]).toEqual([
    [0, 2, 0, 0, 0],
    [0n, 1],
    [0x10_0000_0040_0037n, 1],
  ]);
});

test('a page that is donated where the firmware belongs receives the firmware', () => {
  const { call, world } = benchOf();
  const { vm: vmOf } = world;
  const vm = { id: P, isProtected: true, isFinalized: true, isInUse: false, firmware: inFirmware };
  const withFirmware = { ...world, vm: (id: number) => (id === P ? vm : vmOf(id)) };
  const range = { vm: P, gpa: g - page, pa: p, size: 2n * page };
  world.setTableMemory(P, { memcache: 24, pool: 0 });
  const { firmware } = countedCall(withFirmware, 'host_donate_guest', range, rulesOf(x86Revisions.G2c));
  expect(call('vm_teardown', { vm: P }).result).toBe(null);
  expect(firmware).toEqual([{ start: q, size: page }]);
});

test('host_share_guest asks the guest before the host pages, and -ENOMEM leaves the count raised', () => {
  const { call, record } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  call('host_donate_hyp', { pa: q });
  expect(call('host_share_guest', { vm: A, gpa: g, pa: q })).toMatchObject({ rule: 'leaf.state' });
  expect(call('host_share_guest', { vm: P, gpa: g, pa: p })).toMatchObject({
    rule: 'vm.normal',
    warnings: 1,
  });
  expect(call('host_share_guest', { vm: B, gpa: g, pa: p, memcache: 0 })).toMatchObject({ result: ENOMEM });
  expect(record()).toEqual([2, 0, 0, 2, 0]);
});

test('host_share_guest: the same page at several gpas and in several VMs, rwx or r-x', () => {
  const { call, record, guestLeaf } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  call('host_share_guest', { vm: A, gpa: g + page, pa: p, writable: false });
  call('host_share_guest', { vm: B, gpa: g, pa: p });
  expect(record()).toEqual([2, 0, 0, 3, 0]);
  expect([guestLeaf(A)[0], guestLeaf(A, g + page)[0]]).toEqual([
    0x30_0000_0040_0037n,
    0x30_0000_0040_0035n,
  ]);
});

test('host_unshare_guest takes one share of each page; a protected VM has no SB leaf, so it is refused', () => {
  const { call, record } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  call('host_share_guest', { vm: B, gpa: g, pa: p });
  expect(call('host_unshare_guest', { vm: A, gpa: g })).toMatchObject({ result: 0, flushes: [{ who: A }] });
  expect(record()).toEqual([2, 0, 0, 1, 0]);
  call('host_donate_guest', { vm: P, gpa: g, pa: q });
  expect(call('host_unshare_guest', { vm: P, gpa: g })).toMatchObject({
    result: EPERM,
    rule: 'leaf.state',
  });
});

test('host_unshare_guest of a part of a large leaf is -ENOMEM where the pool is empty: no memcache is passed', () => {
  const { call, record, guestLeaf } = benchOf('G2c', [1, 2]);
  call('host_share_guest', { vm: A, gpa: 2n * block, pa: p, size: block });
  expect(call('host_unshare_guest', { vm: A, gpa: 2n * block })).toMatchObject({
    result: ENOMEM,
    flushes: [],
  });
  expect([record(), guestLeaf(A, 2n * block)[1]]).toEqual([[2, 0, 0, 1, 0], 2]);
});

test('host_test_clear_young_guest swallows the error of the walk: 0 and a warning', () => {
  const { call } = benchOf();
  expect(call('host_test_clear_young_guest', { vm: A, gpa: 1n << 48n })).toMatchObject({
    result: 0,
    warnings: 1,
  });
  expect(call('host_test_clear_young_guest', { vm: P, gpa: g })).toMatchObject({
    result: EPERM,
    warnings: 1,
  });
});

test('host_test_clear_young_guest tells whether a leaf was used, and clears the flag only if asked', () => {
  const { call, world, guestLeaf } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  world.guest(A).place(g, 1, guestLeaf(A)[0] | 0x100n);
  expect(call('host_test_clear_young_guest', { vm: A, gpa: g }).result).toBe(1);
  expect(call('host_test_clear_young_guest', { vm: A, gpa: g, mkold: true }).result).toBe(1);
  expect(call('host_test_clear_young_guest', { vm: A, gpa: g }).result).toBe(0);
});

test('guest_share_host and guest_unshare_host: SO with SB/GUEST, and back, each side of the same page', () => {
  const { call, record, hostLeaf, guestLeaf } = benchOf();
  call('host_donate_guest', { vm: P, gpa: g, pa: p });
  expect(call('guest_share_host', { vm: P, gpa: g }).result).toBe(0);
  expect([record(), hostLeaf(), guestLeaf(P)]).toEqual([
    [3, 2, 0, 0, 0],
    [0x40_0037n, 1],
    [0x20_0000_0040_0037n, 1],
  ]);
  expect(call('guest_share_host', { vm: P, gpa: g })).toMatchObject({ result: EPERM, rule: 'leaf.state' });
  expect(call('guest_unshare_host', { vm: P, gpa: g }).result).toBe(0);
  expect([record(), hostLeaf(), guestLeaf(P)]).toEqual([
    [0, 2, 0, 0, 0],
    [0n, 1],
    [0x10_0000_0040_0037n, 1],
  ]);
});

test('host_use_dma pins what the host owns, shared or not; of MMIO nothing is recorded; a mixture is -EINVAL', () => {
  const { call, record } = benchOf();
  call('host_share_hyp', { pa: p });
  expect(call('host_use_dma', { pa: p, size: 2n * page }).result).toBe(0);
  expect([record(p), record(q)]).toEqual([
    [2, 0, 1, 0, 1],
    [1, 0, 0, 0, 1],
  ]);
  expect(call('host_use_dma', { pa: block - page }).result).toBe(0);
  expect(call('host_use_dma', { pa: 0x90_0000n })).toMatchObject({ result: EPERM, rule: 'mmio.state' });
  expect(call('host_use_dma', { pa: block - page, size: 2n * page }).result).toBe(EINVAL);
});

test('host_unuse_dma warns and does nothing where it does not fit, and is a BUG where no pin is left', () => {
  const { call, record } = benchOf();
  call('host_use_dma', { pa: p });
  expect(call('host_unuse_dma', { pa: p }).result).toBe(null);
  expect(call('host_unuse_dma', { pa: p })).toMatchObject({ result: BUG, bugIn: 'pkvm_page_ref_dec' });
  call('host_donate_hyp', { pa: q });
  for (const args of [{ pa: q }, { pa: p, size: 0n }, { pa: block - page, size: 2n * page }])
    expect(call('host_unuse_dma', args)).toMatchObject({ result: null, warnings: 1 });
  expect(call('host_unuse_dma', { pa: block - page })).toMatchObject({ result: null, warnings: 0 });
  expect(record()).toEqual([1, 0, 0, 0, 0]);
});

test('vm_teardown: OWNED comes back zeroed, SO not, each mapped and OWNED; no TLB flush', () => {
  const { call, record, hostLeaf, guestLeaf } = benchOf();
  call('host_donate_guest', { vm: P, gpa: g, pa: p, size: 2n * page });
  call('guest_share_host', { vm: P, gpa: g + page });
  expect(call('vm_teardown', { vm: P })).toMatchObject({
    result: null,
    wipes: [{ start: p, size: page }],
    flushes: [],
  });
  expect([record(p), record(q), hostLeaf(p), hostLeaf(q), guestLeaf(P)]).toEqual([
    [1, 0, 0, 0, 0],
    [1, 0, 0, 0, 0],
    [0x40_0037n, 1],
    [0x40_1037n, 1],
    [0n, 4],
  ]);
});

test('vm_teardown of a normal VM takes one share a leaf', () => {
  const { call, record } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  call('host_share_guest', { vm: A, gpa: g + page, pa: p });
  call('host_share_guest', { vm: B, gpa: g, pa: p });
  call('vm_teardown', { vm: A });
  expect(record()).toEqual([2, 0, 0, 1, 0]);
});

test('vm_teardown: a leaf and a record that do not match are a BUG', () => {
  const { call, world } = benchOf();
  call('host_donate_guest', { vm: P, gpa: g, pa: p });
  const sound = world.record(p);
  world.setRecord(p, sound | 1n);
  expect(call('vm_teardown', { vm: P })).toMatchObject({ result: BUG, bugIn: 'host_reclaim_guest_walker' });
  world.setRecord(p, sound);
  world.guest(P).place(g, 1, 0x30_0000_0040_0037n);
  expect(call('vm_teardown', { vm: P })).toMatchObject({ result: BUG, rule: 'leaf.kind' });
});
