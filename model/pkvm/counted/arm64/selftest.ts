import { arm64Call, arm64RulesOf } from './call.ts';
import { type Arm64Columns, arm64Revisions } from './columns.ts';
import { arm64Record, arm64StateName, hypAnnotation, pageRecordOf, RWX, stage2Value } from './leaf.ts';
import type { CountedResult } from '../outcome.ts';
import type { Arm64OperationName } from './operation-names.ts';
import { type Arm64World, createArm64World } from './world.ts';

/**
 * The calls of the kernel's own ownership selftest, one page and two frames of one VM, as operations in their order;
 * results and states are what the model makes of them. facts/pkvm-2026.md 2.2, "Ownership selftest of the kernel".
 */

/** A call of the selftest: `+1` acts on the second frame. */
type Selftest = Arm64OperationName | `${Arm64OperationName}+1`;

const hypAndFfa: readonly Selftest[] = [
  'host_share_ffa',
  'host_donate_hyp',
  'host_share_hyp',
  'host_unshare_hyp',
  'hyp_donate_host',
];
const toGuest: readonly Selftest[] = [
  'host_donate_guest',
  'host_donate_guest+1',
  'host_share_guest',
  'host_share_guest+1',
];
const refusedWhileShared: readonly Selftest[] = [
  'host_share_hyp',
  'host_donate_hyp',
  'host_share_ffa',
  'hyp_donate_host',
  'host_share_guest',
  'host_unshare_guest',
  'host_donate_guest',
];

/** 102 calls. */
export const arm64Selftest: readonly Selftest[] = [
  // owned by the hypervisor
  'host_donate_hyp',
  'host_share_hyp',
  'host_unshare_hyp',
  'host_share_ffa',
  'host_unshare_ffa',
  'hyp_pin',
  'host_share_guest',
  'host_unshare_guest',
  'host_donate_guest',
  // the host's
  'hyp_donate_host',
  'hyp_donate_host',
  'host_unshare_hyp',
  'host_unshare_ffa',
  'host_unshare_guest',
  'hyp_pin',
  // shared with the hypervisor
  'host_share_hyp',
  ...refusedWhileShared,
  // and pinned
  'hyp_pin',
  'hyp_pin',
  'hyp_unpin',
  'host_unshare_hyp',
  ...refusedWhileShared,
  'hyp_unpin',
  'host_unshare_hyp',
  // shared with the secure world
  'host_share_ffa',
  'host_share_ffa',
  'host_donate_hyp',
  'host_share_hyp',
  'host_unshare_hyp',
  'hyp_donate_host',
  'host_share_guest',
  'host_unshare_guest',
  'host_donate_guest',
  'hyp_pin',
  'host_unshare_ffa',
  'host_unshare_ffa',
  // shared with a guest, once and twice
  'host_share_guest',
  'host_share_guest',
  ...hypAndFfa,
  'host_donate_guest',
  'hyp_pin',
  'host_share_guest+1',
  'host_unshare_guest',
  'host_unshare_guest+1',
  // given to a guest
  'host_donate_guest',
  ...toGuest,
  ...hypAndFfa,
  // which shares it, and takes it back
  'guest_share_host',
  'guest_share_host',
  ...toGuest,
  ...hypAndFfa,
  'guest_unshare_host',
  'guest_unshare_host',
  ...toGuest,
  ...hypAndFfa,
  // taken by force: the frame is dead
  'host_force_reclaim_page_guest',
  'host_donate_guest',
  'host_share_guest',
  'guest_share_host',
  'guest_unshare_host',
  'host_donate_guest+1',
  'host_reclaim_page_guest+1',
  'host_donate_guest',
  'host_share_guest',
  'host_donate_hyp',
];

/** The states of the page: the host's, the hypervisor's, and of the two frames. */
export interface SelftestState {
  readonly host: string;
  readonly hyp: string;
  readonly guest: readonly [string, string];
}
export interface SelftestStep {
  readonly before: SelftestState;
  readonly operation: Selftest;
  readonly result: CountedResult;
  readonly after: SelftestState;
}

const PAGE = 0x1000n;
const PFN = 0x4_0000n;
const GFN = 1n << 35n;

function bootedWorld({ annotation }: Arm64Columns): Arm64World {
  const world = createArm64World({
    memblocks: [{ start: PFN * PAGE, end: (PFN + 1n) * PAGE }],
    physicalBits: 48,
    ipaBits: 48,
    hasXnx: true,
    vms: [{ id: 0, isProtected: true, handle: 0x1000, isDying: false }],
  });
  world.setRecord(PFN * PAGE, arm64Record(0n, { host: 3, hyp: 0 }));
  world.host.put(PFN * PAGE, 3, hypAnnotation[annotation]);
  world.setTableMemory(0, { memcache: 64, pool: 0, tables: 1 });
  return world;
}

function stateOf(world: Arm64World): SelftestState {
  const { host, hyp } = pageRecordOf(world.record(PFN * PAGE));
  const frame = (gfn: bigint): string => {
    const { isPoisoned, state } = stage2Value(world.guest(0).leaf(gfn * PAGE).word);
    return isPoisoned ? 'POISON' : arm64StateName(state);
  };
  return { host: arm64StateName(host), hyp: arm64StateName(hyp), guest: [frame(GFN), frame(GFN + 1n)] };
}

/** Runs the selftest on the model. */
export function runArm64Selftest(columns: Arm64Columns = arm64Revisions.mainline): readonly SelftestStep[] {
  const world = bootedWorld(columns);
  const rules = arm64RulesOf(columns);
  return arm64Selftest.map(operation => {
    const isSecond = operation.endsWith('+1');
    const name = operation.replace('+1', '') as Arm64OperationName;
    const before = stateOf(world);
    const args = { pfn: PFN, nr: 1n, gfn: isSecond ? GFN + 1n : GFN, vm: 0, prot: RWX };
    const { result } = arm64Call(
      world,
      name,
      name === 'host_force_reclaim_page_guest' ? { phys: PFN * PAGE } : args,
      rules,
    );
    return { before, operation, result, after: stateOf(world) };
  });
}
