import { expect, test } from 'vitest';
import { BUG, type CountedOperationName, memcacheNeed } from '../../../../model/pkvm/counted/index.ts';
import { A, B, benchOf, block, g, P, p, page, q } from './bench.ts';

/** The rules of ranges: facts/pkvm-2026.md 1.2. */

const EINVAL = -22;
const EPERM = -1;
const hostRanges: readonly CountedOperationName[] = [
  'host_donate_hyp',
  'host_donate_hyp_share_ro',
  'host_use_dma',
];

test.each(hostRanges)('R1: %s refuses size 0, a range that wraps and whatever is no whole page', name => {
  const { call } = benchOf();
  expect(call(name, { pa: p, size: 0n }).result).toBe(EINVAL);
  expect(call(name, { pa: p, size: -page + (1n << 64n) }).result).toBe(EINVAL);
  expect(call(name, { pa: p + 0x800n }).result).toBe(EINVAL);
  expect(call(name, { pa: p, size: 0x1010n }).result).toBe(EINVAL);
});

test('R1: a range that wraps only when rounded up to whole pages is refused too', () => {
  const { call } = benchOf();
  expect(call('host_share_hyp', { pa: (1n << 64n) - 0x1800n, size: 0x1000n }).result).toBe(EINVAL);
});

test('R1: share_hyp and unshare_hyp act on all pages touched', () => {
  const { call, record } = benchOf();
  expect(call('host_share_hyp', { pa: p + 0x800n, size: 0x900n }).result).toBe(0);
  expect([record(p), record(q)]).toEqual([
    [2, 0, 1, 0, 0],
    [2, 0, 1, 0, 0],
  ]);
  expect(call('host_unshare_hyp', { pa: p + 0xfffn, size: 1n }).result).toBe(null);
  expect([record(p), record(q)]).toEqual([
    [1, 0, 0, 0, 0],
    [2, 0, 1, 0, 0],
  ]);
});

test('R2: the whole range lies inside one memblock, else -EINVAL', () => {
  const { call } = benchOf();
  expect(call('host_donate_hyp', { pa: block - page, size: 2n * page }).result).toBe(EINVAL);
  expect(call('host_donate_hyp', { pa: 4n * block - page, size: 2n * page }).result).toBe(EINVAL);
});

test('R2: the first page that fails decides, and nothing has changed', () => {
  const { call, record } = benchOf();
  call('host_use_dma', { pa: q });
  const { result, rule } = call('host_donate_hyp', { pa: p, size: 2n * page });
  expect([result, rule]).toEqual([EPERM, 'page.unpinned']);
  expect(record(p)).toEqual([1, 0, 0, 0, 0]);
});

test('R3: a hole in the guest range is -EPERM, and a range beyond the address space is -EINVAL', () => {
  const { call } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  expect(call('host_unshare_guest', { vm: A, gpa: g, size: 2n * page }).result).toBe(EPERM);
  expect(call('host_unshare_guest', { vm: A, gpa: 1n << 48n }).result).toBe(EINVAL);
});

test('R3 and R6: each physically contiguous run of equal rights is unmapped and flushed by itself', () => {
  const { call, record } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: q });
  call('host_share_guest', { vm: A, gpa: g + page, pa: p });
  call('host_share_guest', { vm: A, gpa: g + 2n * page, pa: q });
  call('host_share_guest', { vm: A, gpa: g + 3n * page, pa: q + page, writable: false });
  const { result, flushes } = call('host_unshare_guest', { vm: A, gpa: g, size: 4n * page });
  expect(result).toBe(0);
  // q, then p and q together, then the page after q with other rights
  expect(flushes).toEqual([
    { who: A, start: g, size: page },
    { who: A, start: g + page, size: 2n * page },
    { who: A, start: g + 3n * page, size: page },
  ]);
  expect(record(q)).toEqual([1, 0, 0, 0, 0]);
});

test('R6: one walk flushes once, over the whole range walked, and an absent leaf that is mapped flushes nothing', () => {
  const { call } = benchOf();
  expect(call('host_donate_hyp', { pa: p, size: 3n * page }).flushes).toEqual([
    { who: 'host', start: p, size: 3n * page },
  ]);
  expect(call('hyp_donate_host', { pa: p, size: 3n * page }).flushes).toEqual([]);
});

test('R6: a change of state alone flushes nothing', () => {
  const { call } = benchOf();
  call('host_donate_guest', { vm: P, gpa: g, pa: p });
  expect(call('guest_share_host', { vm: P, gpa: g }).flushes).toEqual([]);
  expect(call('guest_unshare_host', { vm: P, gpa: g }).flushes).toEqual([
    { who: 'host', start: p, size: page },
  ]);
});

test('R7: a map uses the largest leaf that both addresses and the range allow', () => {
  const { call, guestLeaf, hostLeaf } = benchOf('G2c', [1, 2]);
  expect(hostLeaf()).toEqual([0x40_00b7n, 2]);
  call('host_share_guest', { vm: A, gpa: 2n * block, pa: p, size: block });
  expect(guestLeaf(A, 2n * block)).toEqual([0x30_0000_0040_00b7n, 2]);
  call('host_share_guest', { vm: B, gpa: 2n * block + page, pa: p, size: block });
  expect(guestLeaf(B, 2n * block + page)).toEqual([0x30_0000_0040_0037n, 1]);
});

test('R7: a partial change splits, and all 512 children keep rights, state and annotation', () => {
  const { call, guestLeaf, hostLeaf, world } = benchOf('G2c', [1, 2]);
  call('host_donate_guest', { vm: P, gpa: 2n * block, pa: p, size: block });
  expect(hostLeaf()).toEqual([0n, 2]);
  expect(call('guest_share_host', { vm: P, gpa: 2n * block + page }).result).toBe(0);
  expect(guestLeaf(P, 2n * block + page)).toEqual([0x20_0000_0040_1037n, 1]);
  expect(guestLeaf(P, 2n * block)).toEqual([0x10_0000_0040_0037n, 1]);
  expect(guestLeaf(P, 3n * block - page)).toEqual([0x10_0000_005f_f037n, 1]);
  expect(hostLeaf(q)).toEqual([0x40_1037n, 1]);
  expect(hostLeaf(p)).toEqual([0n, 1]);
  expect(hostLeaf(0x90_0000n)).toEqual([0x1000n, 2]);
  call('hyp_donate_host_mmio', { pa: 0x90_0000n });
  expect(hostLeaf(0x90_0000n)).toEqual([0x10_0000_0090_0007n, 1]);
  expect(hostLeaf(0x90_1000n)).toEqual([0x1000n, 1]);
  expect(world.tableMemory(P)).toEqual({ memcache: 23, pool: 0 });
});

test('R7: tables of a guest come from the pool of the VM first, and go back to it when empty', () => {
  const { call, world } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p });
  expect(world.tableMemory(A)).toEqual({ memcache: 21, pool: 0 });
  call('host_unshare_guest', { vm: A, gpa: g });
  expect(world.tableMemory(A)).toEqual({ memcache: 24, pool: 3 });
  call('host_share_guest', { vm: A, gpa: g, pa: p, memcache: 0 });
  expect(world.tableMemory(A)).toEqual({ memcache: 0, pool: 0 });
});

test('R8: the memcache must hold 9 pages for 1 to 512 pages, 10 for one more, even if nothing is split', () => {
  expect([1n, 512n, 513n, 262_144n, 262_145n].map(memcacheNeed)).toEqual([9, 9, 10, 520, 522]);
  const { call } = benchOf();
  call('host_donate_guest', { vm: P, gpa: g, pa: p });
  expect(call('guest_share_host', { vm: P, gpa: g, memcache: 8 })).toMatchObject({
    result: -7,
    needMemcache: 9,
    rule: 'memcache.pages',
  });
  expect(call('guest_share_host', { vm: P, gpa: g, memcache: 9 }).result).toBe(0);
});

test('R9: a leaf that was used since cuts a run, which shows in the number of flushes alone', () => {
  const { call, world } = benchOf();
  call('host_share_guest', { vm: A, gpa: g, pa: p, size: 2n * page });
  const [first] = world.guest(A).leaves({ start: g, size: page });
  world.guest(A).place(g, 1, (first?.word ?? 0n) | 0x100n);
  expect(call('host_test_clear_young_guest', { vm: A, gpa: g, size: 2n * page }).result).toBe(1);
  expect(call('host_unshare_guest', { vm: A, gpa: g, size: 2n * page }).flushes).toHaveLength(2);
});

test('the checks of an operation that returns nothing are bugs of the hypervisor', () => {
  const { call } = benchOf();
  expect(call('hyp_donate_host', { pa: p, size: 0n })).toMatchObject({
    result: BUG,
    bugIn: 'pkvm_hyp_donate_host',
  });
  expect(call('host_unshare_hyp', { pa: p })).toMatchObject({
    result: BUG,
    bugIn: 'pkvm_host_unshare_hyp',
  });
});
