import { expect, test } from 'vitest';
import {
  type Arm64Revision,
  KvmProt,
  RWX,
  runArm64Selftest,
} from '../../../../../model/pkvm/counted/arm64/index.ts';
import { BUG } from '../../../../../model/pkvm/counted/index.ts';
import { arm64BenchOf, g, N, P, p, PAGE, text } from './bench.ts';

/** What each column of the arm64 revisions makes different. */

const both = (of: (revision: Arm64Revision) => unknown): readonly unknown[] => [
  of('mainline'),
  of('mainline-strict'),
];

test('validLeafOfNoPage: F1, force reclaim of hyp text panics as built and is -EPERM strictly', () => {
  expect(
    both(
      revision =>
        arm64BenchOf(revision).call('host_force_reclaim_page_guest', { phys: text * PAGE }).result,
    ),
  ).toEqual([BUG, -1]);
});

test('youngBeyondEnd: F2, asking for the accessed flag beyond the input size panics as built', () => {
  const gfn = 1n << 36n;
  expect(
    both(
      revision => arm64BenchOf(revision).call('host_test_clear_young_guest', { gfn, nr: 1n, vm: N }).result,
    ),
  ).toEqual([BUG, -34]);
});

test('guestMapRights: F3, execution at one level alone on a processor that cannot panics as built', () => {
  const args = { pfn: p, gfn: g, nr: 1n, vm: N, prot: KvmProt.R | KvmProt.PX };
  expect(
    both(revision => arm64BenchOf(revision, { hasXnx: false }).call('host_share_guest', args).result),
  ).toEqual([BUG, -22]);
});

test('unshareFfa: F4, a share with the secure world taken back forgets a guest, and the page goes to the hypervisor', () => {
  const afterwards = (revision: Arm64Revision) => {
    const { call, record, guestLeaf } = arm64BenchOf(revision);
    call('host_share_guest', { pfn: p, gfn: g, nr: 1n, vm: N, prot: RWX });
    const results = [
      call('host_unshare_ffa', { pfn: p, nr: 1n }).result,
      call('host_donate_hyp', { pfn: p, nr: 1n }).result,
    ];
    return [results, record(), guestLeaf(N)[0] !== 0n];
  };
  expect(both(afterwards)).toEqual([
    [[0, 0], [3, 0, 1, 0], true],
    [[-1, -1], [1, 3, 1, 0], true],
  ]);
});

test('pinOverflow: F9, the pin beyond the last panics as built', () => {
  const pin = (revision: Arm64Revision): unknown => {
    const { call, world } = arm64BenchOf(revision);
    call('host_share_hyp', { pfn: p });
    world.setRecord(p * PAGE, world.record(p * PAGE) | 0xffffn);
    return call('hyp_pin', { pfn: p, nr: 1n }).result;
  };
  expect(both(pin)).toEqual([BUG, -16]);
});

test('guestMapMemory: B65, before 7.1 an empty memcache is a panic after the host side was changed', () => {
  const donate = (revision: Arm64Revision): unknown =>
    arm64BenchOf(revision, { memcache: 0 }).call('host_donate_guest', { pfn: p, gfn: g, vm: P }).result;
  expect([donate('7.0'), donate('mainline')]).toEqual([BUG, -12]);
});

test('operations, annotation, sharedIsMapped: 6.12 tracks no guests, names owners otherwise and maps shared pages at once', () => {
  const { call, world, hostLeaf } = arm64BenchOf('6.12');
  expect(() => call('host_share_guest', { pfn: p, gfn: g, nr: 1n, vm: N, prot: RWX })).toThrow(RangeError);
  call('host_share_hyp', { pfn: p });
  expect(world.isMappedAtEl2(p * PAGE)).toBe(true);
  call('host_donate_hyp', { pfn: p + 1n, nr: 1n });
  expect(hostLeaf(p + 1n)[0]).toBe(0x4n);
});

test('the selftest of the kernel: 102 calls, of which these change something', () => {
  const steps = runArm64Selftest();
  expect(steps).toHaveLength(102);
  const changing = steps.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  expect(
    changing.map(({ operation, result, after: { host, hyp, guest } }) =>
      [operation, result, host, hyp, ...guest].join(' '),
    ),
  ).toEqual([
    'hyp_donate_host 0 OWNED NOPAGE NOPAGE NOPAGE',
    'host_share_hyp 0 SHARED_OWNED SHARED_BORROWED NOPAGE NOPAGE',
    'host_unshare_hyp 0 OWNED NOPAGE NOPAGE NOPAGE',
    'host_share_ffa 0 SHARED_OWNED NOPAGE NOPAGE NOPAGE',
    'host_unshare_ffa 0 OWNED NOPAGE NOPAGE NOPAGE',
    'host_share_guest 0 SHARED_OWNED NOPAGE SHARED_BORROWED NOPAGE',
    'host_share_guest+1 0 SHARED_OWNED NOPAGE SHARED_BORROWED SHARED_BORROWED',
    'host_unshare_guest 0 SHARED_OWNED NOPAGE NOPAGE SHARED_BORROWED',
    'host_unshare_guest+1 0 OWNED NOPAGE NOPAGE NOPAGE',
    'host_donate_guest 0 NOPAGE NOPAGE OWNED NOPAGE',
    'guest_share_host 0 SHARED_BORROWED NOPAGE SHARED_OWNED NOPAGE',
    'guest_unshare_host 0 NOPAGE NOPAGE OWNED NOPAGE',
    'host_force_reclaim_page_guest 0 OWNED NOPAGE POISON NOPAGE',
    'host_donate_guest+1 0 NOPAGE NOPAGE POISON OWNED',
    'host_reclaim_page_guest+1 0 OWNED NOPAGE POISON NOPAGE',
    'host_donate_hyp 0 NOPAGE OWNED POISON NOPAGE',
  ]);
  const refusals = new Map<unknown, number>();
  for (const { result } of steps) refusals.set(result, (refusals.get(result) ?? 0) + 1);
  expect(Object.fromEntries(refusals)).toEqual({
    '-1': 74,
    '-2': 5,
    '-16': 1,
    '-133': 2,
    '0': 18,
    null: 2,
  });
});
