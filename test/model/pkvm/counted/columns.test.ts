import { expect, test } from 'vitest';
import {
  BUG,
  createWorld,
  countedCall,
  rulesOf,
  x86Revisions,
} from '../../../../model/pkvm/counted/index.ts';
import { A, benchOf, block, g, P, p, page } from './bench.ts';

/** What each column of the table of revisions makes different: facts/pkvm-2026.md 0 and 1.4. */

const minusOnePage = (1n << 64n) - page;

test('rangeCheck: G2a takes a range that wraps, checks no page of it, and panics while it unmaps (B27)', () => {
  const old = benchOf('G2a');
  expect(old.call('host_share_hyp', { pa: p, size: minusOnePage }).result).toBe(0);
  expect(old.record()).toEqual([1, 0, 0, 0, 0]);
  expect(old.call('host_use_dma', { pa: p, size: minusOnePage }).result).toBe(0);
  expect(old.call('host_donate_hyp', { pa: p, size: minusOnePage }).result).toBe(BUG);
  for (const name of ['host_share_hyp', 'host_use_dma', 'host_donate_hyp'] as const)
    expect(benchOf('G2b').call(name, { pa: p, size: minusOnePage }).result).toBe(-22);
});

test('donationNeedsFinalized: before G2c a page could be donated while the firmware was not known (B30)', () => {
  const resultOf = (revision: 'G2b' | 'G2c'): unknown => {
    const world = createWorld({
      memblocks: [{ start: block, end: 4n * block }],
      reserved: [],
      leafLevels: [1],
      vms: [{ id: P, isProtected: true, isFinalized: false }],
    });
    world.setTableMemory(P, { memcache: 3, pool: 0 });
    const args = { vm: P, gpa: g, pa: p, size: page };
    return countedCall(world, 'host_donate_guest', args, rulesOf(x86Revisions[revision])).result;
  };
  expect([resultOf('G2b'), resultOf('G2c')]).toEqual([0, -1]);
});

test('pins: G2a pins only pages that are shared with nobody, and leaves a pin on a page shared since (B52)', () => {
  const old = benchOf('G2a');
  old.call('host_use_dma', { pa: p });
  old.call('host_share_hyp', { pa: p });
  expect(old.call('host_use_dma', { pa: p }).result).toBe(-1);
  expect(old.call('host_unuse_dma', { pa: p })).toMatchObject({ result: null, warnings: 1 });
  expect(old.record()).toEqual([2, 0, 1, 0, 1]);
  const now = benchOf('G2b');
  now.call('host_share_hyp', { pa: p });
  expect(now.call('host_use_dma', { pa: p }).result).toBe(0);
});

test('guestCallMemory: G2b finds out while it shares and takes everything back; G2c asks the memcache first', () => {
  const shareOnePage = (revision: 'G2b' | 'G2c') => {
    const bench = benchOf(revision, [1, 2]);
    bench.call('host_donate_guest', { vm: P, gpa: 2n * block, pa: p, size: block });
    const { result, rule } = bench.call('guest_share_host', { vm: P, gpa: 2n * block, memcache: 0 });
    return [result, rule, bench.record(), bench.guestLeaf(P, 2n * block)[1]];
  };
  expect(shareOnePage('G2b')).toEqual([-12, 'guest.mark', [0, 2, 0, 0, 0], 2]);
  expect(shareOnePage('G2c')).toEqual([-7, 'memcache.pages', [0, 2, 0, 0, 0], 2]);
});

test('unsharePages: without a memcache, taking back a part of a large page panics (B32)', () => {
  const unshareOnePage = (revision: 'G2b' | 'G2c'): unknown => {
    const { call } = benchOf(revision, [1, 2]);
    call('host_donate_guest', { vm: P, gpa: 2n * block, pa: p, size: block });
    call('guest_share_host', { vm: P, gpa: 2n * block, size: block });
    return call('guest_unshare_host', { vm: P, gpa: 2n * block }).result;
  };
  expect([unshareOnePage('G2b'), unshareOnePage('G2c')]).toEqual([BUG, 0]);
});

test('hostCallMemory: as built a donation that cannot be mapped loses the page (B54); strict refuses it before', () => {
  const donate = (revision: 'G2c' | 'strict') => {
    const { call, record, hostLeaf } = benchOf(revision);
    const { result } = call('host_donate_guest', { vm: P, gpa: g, pa: p, memcache: 2 });
    return [result, record(), hostLeaf()[0]];
  };
  expect(donate('G2c')).toEqual([-12, [0, 2, 0, 0, 0], 0n]);
  expect(donate('strict')).toEqual([-12, [1, 0, 0, 0, 0], 0x40_0037n]);
});

test('hostCallMemory: as built a share that cannot be mapped counts (B55); strict refuses it before', () => {
  const share = (revision: 'G2c' | 'strict') => {
    const { call, record } = benchOf(revision);
    return [call('host_share_guest', { vm: A, gpa: g, pa: p, memcache: 2 }).result, record()];
  };
  expect(share('G2c')).toEqual([-12, [2, 0, 0, 1, 0]]);
  expect(share('strict')).toEqual([-12, [1, 0, 0, 0, 0]]);
});

test('hostCallMemory: as built an unshare over two runs stops in the middle (B57); strict refuses it before', () => {
  const unshare = (revision: 'G2c' | 'strict') => {
    const { call, record } = benchOf(revision, [1, 2]);
    call('host_share_guest', { vm: A, gpa: 2n * block, pa: p, size: block });
    call('host_share_guest', { vm: A, gpa: 2n * block - 2n * page, pa: block + page }); // keeps its table in use
    call('host_share_guest', { vm: A, gpa: 2n * block - page, pa: block });
    const { result } = call('host_unshare_guest', { vm: A, gpa: 2n * block - page, size: 2n * page });
    return [result, record(block)];
  };
  expect(unshare('G2c')).toEqual([-12, [1, 0, 0, 0, 0]]);
  expect(unshare('strict')).toEqual([-12, [2, 0, 0, 1, 0]]);
});

test('pinOverflow: as built the pin beyond the last panics (B56); strict answers -ENOSPC', () => {
  const pinOnce = (revision: 'G2c' | 'strict'): unknown => {
    const { call, world } = benchOf(revision);
    world.setRecord(p, world.record(p) | 0xffffn);
    return call('host_use_dma', { pa: p }).result;
  };
  expect([pinOnce('G2c'), pinOnce('strict')]).toEqual([BUG, -28]);
});

test('countMax: a smaller count makes the end of it reachable in an exploration', () => {
  const world = createWorld({
    memblocks: [{ start: block, end: 4n * block }],
    reserved: [],
    leafLevels: [1],
    vms: [],
  });
  const rules = rulesOf({ ...x86Revisions.G2c, countMax: 1 });
  const share = (): unknown => countedCall(world, 'host_share_hyp', { pa: p, size: page }, rules).result;
  expect([share(), share()]).toEqual([0, -28]);
});

test('hostCallMemory: what an unshare frees on its way, it may use: strict refuses only what would fail', () => {
  const { call } = benchOf('strict', [1, 2]);
  call('host_share_guest', { vm: A, gpa: 2n * block, pa: p, size: block });
  call('host_share_guest', { vm: A, gpa: 2n * block - page, pa: block });
  expect(call('host_unshare_guest', { vm: A, gpa: 2n * block - page, size: 2n * page }).result).toBe(0);
});
