import { expect, test } from 'vitest';
import { KvmProt, RWX } from '../../../../../model/pkvm/counted/arm64/index.ts';
import { BUG } from '../../../../../model/pkvm/counted/index.ts';
import { arm64BenchOf, block, g, N, P, p, PAGE, text } from './bench.ts';

/** The operations of arm64: facts/pkvm-2026.md 2.2 with the corrections of facts/arm64-record.md 3. */

const [EPERM, ENOENT, E2BIG, EAGAIN, ENOMEM, EFAULT, EBUSY, EINVAL, ERANGE, EHWPOISON] = [
  -1, -2, -7, -11, -12, -14, -16, -22, -34, -133,
];
const alias = 1n << 52n;

test('a range wholly outside RAM is -EPERM, one that crosses a border -EINVAL', () => {
  const { call } = arm64BenchOf();
  expect(call('host_donate_hyp', { pfn: 0x100n, nr: 1n }).result).toBe(EPERM);
  expect(call('host_donate_hyp', { pfn: 0x3_ffffn, nr: 2n }).result).toBe(EINVAL);
  expect(call('host_donate_hyp', { pfn: p, nr: 0n }).result).toBe(EINVAL);
  expect(call('host_donate_hyp', { pfn: p + 1n, nr: 0n }).result).toBe(0);
});

test('pfn and gfn are taken modulo 2^52 where no range check exists: 2^52+p acts on p', () => {
  const { call, record } = arm64BenchOf();
  expect(call('host_share_hyp', { pfn: alias + p }).result).toBe(0);
  expect(record()).toEqual([1, 2, 0, 0]);
  expect(call('host_donate_hyp', { pfn: alias + p + 1n, nr: 1n }).result).toBe(EINVAL);
});

test('share_hyp is not counted and not mapped; the first pin maps, the last unpin unmaps, pins make -EBUSY', () => {
  const { call, record, world } = arm64BenchOf();
  call('host_share_hyp', { pfn: p });
  expect(call('host_share_hyp', { pfn: p }).result).toBe(EPERM);
  expect(world.isMappedAtEl2(p * PAGE)).toBe(false);
  call('hyp_pin', { pfn: p, nr: 1n });
  call('hyp_pin', { pfn: p, nr: 1n });
  expect([record(), world.isMappedAtEl2(p * PAGE)]).toEqual([[1, 2, 0, 2], true]);
  expect(call('host_unshare_hyp', { pfn: p }).result).toBe(EBUSY);
  call('hyp_unpin', { pfn: p, nr: 1n });
  call('hyp_unpin', { pfn: p, nr: 1n });
  expect(world.isMappedAtEl2(p * PAGE)).toBe(false);
  expect(call('host_unshare_hyp', { pfn: p }).result).toBe(0);
});

test('donate_hyp annotates the host with its owner, and what was a block falls back to lazy zeros', () => {
  const { call, record, hostLeaf, world } = arm64BenchOf();
  world.host.place(p * PAGE, 2, 0x4000_07fdn, false);
  expect(call('host_donate_hyp', { pfn: p + 1n, nr: 1n }).result).toBe(0);
  expect([hostLeaf(p), hostLeaf(p + 1n), record(p + 1n)]).toEqual([
    [0n, 3],
    [0x2000_0000_0000_0002n, 3],
    [3, 0, 0, 0],
  ]);
  expect(call('hyp_donate_host', { pfn: p + 1n, nr: 1n }).result).toBe(0);
  expect(hostLeaf(p + 1n)).toEqual([0x4000_17ffn, 3]);
});

test('hyp_donate_host: hyp OWNED comes before the RAM test, a page in use is -EBUSY', () => {
  const { call, world, record } = arm64BenchOf();
  expect(call('hyp_donate_host', { pfn: p, nr: 1n })).toMatchObject({ result: EPERM, rule: 'page.hyp' });
  call('host_donate_hyp', { pfn: p, nr: 1n });
  world.setRecord(p * PAGE, world.record(p * PAGE) | 2n);
  expect(call('hyp_donate_host', { pfn: p, nr: 1n }).result).toBe(EBUSY);
  expect(record()).toEqual([3, 0, 0, 2]);
});

test('F6: hyp_donate_host of what is no RAM reads a record that is not there', () => {
  expect(arm64BenchOf().call('hyp_donate_host', { pfn: 0x100n, nr: 1n }).result).toBe(BUG);
});

test('F8: hyp text that is given back is OWNED, and its leaf stays read-only', () => {
  const { call, record, hostLeaf } = arm64BenchOf();
  const [before] = hostLeaf(text);
  expect(call('hyp_donate_host', { pfn: text, nr: 1n }).result).toBe(0);
  expect([record(text), hostLeaf(text)[0]]).toEqual([[0, 3, 0, 0], before]);
});

test('F7: an unpin of a page that nothing pins is a panic', () => {
  expect(arm64BenchOf().call('hyp_unpin', { pfn: p, nr: 1n }).result).toBe(BUG);
});

test('donate_guest names handle and frame in the host’s leaf, and the guest owns the page', () => {
  const { call, record, hostLeaf, guestLeaf } = arm64BenchOf();
  expect(call('host_donate_guest', { pfn: p, gfn: g, vm: P }).result).toBe(0);
  expect([record(), hostLeaf()[0], guestLeaf(P)]).toEqual([
    [3, 3, 0, 0],
    0x2000_0080_0001_0014n,
    [0x4000_07ffn, 3],
  ]);
});

test('a gfn past the input size is -ERANGE: after the host check in donate_guest, before it in share_guest', () => {
  const { call } = arm64BenchOf();
  const gfn = 1n << 36n;
  expect(call('host_donate_guest', { pfn: 0x100n, gfn, vm: P }).result).toBe(EPERM);
  expect(call('host_donate_guest', { pfn: p, gfn, vm: P }).result).toBe(ERANGE);
  call('host_donate_hyp', { pfn: p, nr: 1n });
  expect(call('host_share_guest', { pfn: p, gfn, nr: 1n, vm: N, prot: RWX }).result).toBe(ERANGE);
  expect(call('host_mkyoung_guest', { gfn, vm: N }).result).toBe(0);
});

test('share_guest asks prot, pfn range, size rule, RAM, frames, guest, host, memcache in this order', () => {
  const { call, world } = arm64BenchOf();
  const base = { pfn: p, gfn: g, nr: 1n, vm: N, prot: RWX };
  expect(call('host_share_guest', { ...base, prot: 16n, pfn: 1n << 40n }).rule).toBe('prot.bits');
  expect(call('host_share_guest', { ...base, nr: 2n, pfn: 1n << 40n }).rule).toBe('pfn.range');
  expect(call('host_share_guest', { ...base, nr: 2n })).toMatchObject({ result: EINVAL, rule: 'nr.block' });
  expect(call('host_share_guest', { ...base, pfn: 0x100n })).toMatchObject({
    result: EPERM,
    rule: 'memory.ram',
  });
  call('host_share_guest', base);
  expect(call('host_share_guest', { ...base, pfn: text }).rule).toBe('leaf.free');
  expect(call('host_share_guest', { ...base, gfn: g + 1n, pfn: text }).rule).toBe('page.host');
  world.setTableMemory(N, { memcache: 2, pool: 9, tables: 4 });
  expect(call('host_share_guest', { ...base, gfn: g + 1n })).toMatchObject({ result: ENOMEM });
});

test('share_guest of a block counts all 512 pages, and the block goes as it came', () => {
  const { call, record, guestLeaf, world } = arm64BenchOf();
  const args = { pfn: block, gfn: 0x20_0000n, nr: 512n, vm: N, prot: RWX };
  expect(call('host_share_guest', args).result).toBe(0);
  expect([record(block), record(block + 511n), guestLeaf(N, args.gfn)]).toEqual([
    [1, 3, 1, 0],
    [1, 3, 1, 0],
    [0x0100_0000_5000_07fdn, 2],
  ]);
  expect(call('host_unshare_guest', { gfn: args.gfn, nr: 1n, vm: N }).result).toBe(E2BIG);
  expect(call('host_unshare_guest', { gfn: args.gfn, nr: 512n, vm: N }).result).toBe(0);
  expect([record(block + 511n), world.tableMemory(N).tables]).toEqual([[0, 3, 0, 0], 1]);
});

test('rights without reading, and none at all, make a valid leaf', () => {
  const { call, guestLeaf } = arm64BenchOf();
  call('host_share_guest', { pfn: p, gfn: g, nr: 1n, vm: N, prot: 0n });
  call('host_share_guest', { pfn: p, gfn: g + 1n, nr: 1n, vm: N, prot: KvmProt.PX | KvmProt.R });
  expect([guestLeaf(N)[0], guestLeaf(N, g + 1n)[0]]).toEqual([
    0x0140_0000_4000_073fn,
    0x0160_0000_4000_077fn,
  ]);
});

test('unshare_guest of what is not mapped or poisoned is -ENOENT, of what is not borrowed -EPERM', () => {
  const { call } = arm64BenchOf();
  expect(call('host_unshare_guest', { gfn: g, nr: 1n, vm: P }).result).toBe(ENOENT);
  call('host_donate_guest', { pfn: p, gfn: g, vm: P });
  expect(call('host_unshare_guest', { gfn: g, nr: 1n, vm: P }).result).toBe(EPERM);
  call('host_force_reclaim_page_guest', { phys: p * PAGE });
  expect(call('host_unshare_guest', { gfn: g, nr: 1n, vm: P }).result).toBe(ENOENT);
});

test('guest_share_host and back: SO with SB, and the annotation again', () => {
  const { call, record, hostLeaf, guestLeaf } = arm64BenchOf();
  call('host_donate_guest', { pfn: p, gfn: g, vm: P });
  expect(call('guest_share_host', { gfn: g, vm: P }).result).toBe(0);
  expect([record(), hostLeaf()[0], guestLeaf(P)[0]]).toEqual([
    [2, 3, 0, 0],
    0x4000_07ffn,
    0x0080_0000_4000_07ffn,
  ]);
  expect(call('guest_unshare_host', { gfn: g, vm: P }).result).toBe(0);
  expect(hostLeaf()[0]).toBe(0x2000_0080_0001_0014n);
});

test('reclaim: OWNED zeroed, SO not; a page taken by force counts as success, again and again', () => {
  const { call, record } = arm64BenchOf();
  call('host_donate_guest', { pfn: p, gfn: g, vm: P });
  call('host_donate_guest', { pfn: p + 1n, gfn: g + 1n, vm: P });
  call('guest_share_host', { gfn: g + 1n, vm: P });
  expect(call('host_reclaim_page_guest', { gfn: g, vm: P }).wipes).toEqual([
    { start: p * PAGE, size: PAGE },
  ]);
  expect(call('host_reclaim_page_guest', { gfn: g + 1n, vm: P }).wipes).toEqual([]);
  expect([record(p), record(p + 1n)]).toEqual([
    [0, 3, 0, 0],
    [0, 3, 0, 0],
  ]);
  call('host_donate_guest', { pfn: p, gfn: g, vm: P });
  call('host_force_reclaim_page_guest', { phys: p * PAGE });
  expect(call('host_reclaim_page_guest', { gfn: g, vm: P }).result).toBe(0);
  expect(call('host_reclaim_page_guest', { gfn: g, vm: P }).result).toBe(0);
  expect(call('reclaim_dying_guest_page', { gfn: g, vm: P }).result).toBe(EINVAL);
});

test('force reclaim poisons the frame for the life of the VM; low address bits are ignored', () => {
  const { call, guestLeaf, record } = arm64BenchOf();
  expect(call('host_force_reclaim_page_guest', { phys: p * PAGE }).result).toBe(EAGAIN);
  expect(call('host_force_reclaim_page_guest', { phys: 0x10_0000n }).result).toBe(EFAULT);
  call('host_donate_guest', { pfn: p, gfn: g, vm: P });
  const { result, wipes } = call('host_force_reclaim_page_guest', { phys: p * PAGE + 8n });
  expect([result, wipes.length, record(), guestLeaf(P)]).toEqual([
    0,
    1,
    [0, 3, 0, 0],
    [0x3000_0000_0000_0000n, 3],
  ]);
  expect(call('host_donate_guest', { pfn: p, gfn: g, vm: P }).result).toBe(EPERM);
  expect(call('guest_share_host', { gfn: g, vm: P }).result).toBe(EHWPOISON);
  call('host_donate_hyp', { pfn: p, nr: 1n });
  expect(call('host_force_reclaim_page_guest', { phys: p * PAGE }).result).toBe(EPERM);
});

test('relax only adds rights, and execution replaces XN; wrprotect takes the write right of a whole block', () => {
  const { call, guestLeaf } = arm64BenchOf();
  call('host_share_guest', { pfn: block, gfn: 0x20_0000n, nr: 512n, vm: N, prot: KvmProt.R | KvmProt.W });
  expect(call('host_relax_perms_guest', { gfn: 0x20_0001n, vm: N, prot: KvmProt.PX }).result).toBe(0);
  expect(guestLeaf(N, 0x20_0000n)[0]).toBe(0x0160_0000_5000_07fdn);
  expect(call('host_wrprotect_guest', { gfn: 0x20_0001n, nr: 1n, vm: N }).result).toBe(0);
  expect(guestLeaf(N, 0x20_0000n)[0]).toBe(0x0160_0000_5000_077dn);
  expect(call('host_relax_perms_guest', { gfn: g, vm: N, prot: 1n }).result).toBe(EAGAIN);
  expect(call('host_relax_perms_guest', { gfn: g, vm: P, prot: 1n }).result).toBe(EPERM);
});

test('the accessed flag is told and cleared, of a block as a whole', () => {
  const { call, guestLeaf } = arm64BenchOf();
  call('host_share_guest', { pfn: p, gfn: g, nr: 1n, vm: N, prot: RWX });
  const young = { gfn: g, nr: 1n, vm: N, mkold: true };
  expect([call('host_test_clear_young_guest', young).result, guestLeaf(N)[0]]).toEqual([
    1,
    0x0100_0000_4000_03ffn,
  ]);
  expect(call('host_test_clear_young_guest', young).result).toBe(0);
  call('host_mkyoung_guest', { gfn: g, vm: N });
  expect(call('host_test_clear_young_guest', young).result).toBe(1);
});

test('refill_memcache: the first refusal is -ENOMEM, and pages already taken stay', () => {
  const { call, record, world } = arm64BenchOf('mainline', { memcache: 0 });
  call('host_share_hyp', { pfn: p + 1n });
  expect(call('refill_memcache', { vm: N, min: 2, pfns: [p, p + 1n] }).result).toBe(ENOMEM);
  expect([record(p), world.memcache(N)]).toEqual([[3, 0, 0, 0], 1]);
  expect(call('refill_memcache', { vm: N, min: 1, pfns: [] }).result).toBe(0);
});
