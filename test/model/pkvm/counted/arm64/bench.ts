import {
  arm64Call,
  arm64Record,
  type Arm64Arguments,
  type Arm64OperationName,
  arm64RecordOf,
  type Arm64Revision,
  arm64Revisions,
  arm64RulesOf,
  type Arm64World,
  createArm64World,
  KvmProt,
  stage2Leaf,
  type Stage2LeafLevel,
} from '../../../../../model/pkvm/counted/arm64/index.ts';
import type { CountedOutcome } from '../../../../../model/pkvm/counted/index.ts';

export const PAGE = 0x1000n;
/** Pages of the host, a page of hyp text, a block of 2 MByte; frames. */
export const p = 0x4_0000n;
export const text = 0x4_1303n;
export const block = 0x5_0000n;
export const g = 0x8_0000n;
export const [N, P] = [0, 1];

export interface Arm64Bench {
  readonly world: Arm64World;
  call(name: Arm64OperationName, args?: Arm64Arguments): CountedOutcome;
  /** Host state, hyp state, guest shares, references. */
  record(pfn?: bigint): readonly number[];
  hostLeaf(pfn?: bigint): readonly [bigint, Stage2LeafLevel];
  guestLeaf(vm: number, gfn?: bigint): readonly [bigint, Stage2LeafLevel];
}

export function arm64BenchOf(
  revision: Arm64Revision = 'mainline',
  { hasXnx = true, memcache = 64 } = {},
): Arm64Bench {
  const world = createArm64World({
    memblocks: [{ start: 0x4000_0000n, end: 0x6000_0000n }],
    physicalBits: 48,
    ipaBits: 48,
    hasXnx,
    vms: [
      { id: N, isProtected: false, handle: 0x1000, isDying: false },
      { id: P, isProtected: true, handle: 0x1001, isDying: false },
    ],
  });
  world.setRecord(text * PAGE, arm64Record(0n, { host: 3, hyp: 0 }));
  world.host.put(text * PAGE, 3, stage2Leaf(text * PAGE, KvmProt.R, 0, 3));
  for (const vm of [N, P]) world.setTableMemory(vm, { memcache, pool: 0, tables: 1 });
  const rules = arm64RulesOf(arm64Revisions[revision]);
  return {
    world,
    call: (name, args = {}) => arm64Call(world, name, args, rules),
    record: (pfn = p) => {
      const { host, hyp, shareCount, refcount } = arm64RecordOf(world.record(pfn * PAGE));
      return [host, hyp, shareCount, refcount];
    },
    hostLeaf: (pfn = p) => {
      const { word, level } = world.host.leaf(pfn * PAGE);
      return [word, level];
    },
    guestLeaf: (vm, gfn = g) => {
      const { word, level } = world.guest(vm).leaf(gfn * PAGE);
      return [word, level];
    },
  };
}
