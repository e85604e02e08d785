import {
  type CountedArguments,
  countedCall,
  type CountedOperationName,
  type CountedOutcome,
  type CountedWorld,
  createWorld,
  type Level,
  recordOf,
  rulesOf,
  type X86Revision,
  x86Revisions,
} from '../../../../model/pkvm/counted/index.ts';

/** The world of the recordings: RAM from 2 to 8 MByte, the upper quarter pKVM's; VMs 0 and 1 normal, 2 protected. */
export const p = 0x40_0000n;
export const q = 0x40_1000n;
export const g = 0x1_0000n;
export const block = 0x20_0000n;
export const page = 0x1000n;
export const [A, B, P] = [0, 1, 2];

export interface Bench {
  readonly world: CountedWorld;
  /** Makes a call; a memcache of 24 pages unless told otherwise. */
  call(name: CountedOperationName, args?: CountedArguments & { memcache?: number }): CountedOutcome;
  /** State, owner, hyp shares, guest shares, pins of a page. */
  record(address?: bigint): readonly number[];
  hostLeaf(address?: bigint): readonly [word: bigint, level: Level];
  guestLeaf(vm: number, gpa?: bigint): readonly [word: bigint, level: Level];
}

const booted = new Map<string, CountedWorld>();

/** A machine just booted; the same one again and again, put back to how it booted. */
function bootedWorld(leafLevels: readonly Level[]): CountedWorld {
  const key = leafLevels.join();
  const known = booted.get(key);
  known?.journal.back(0);
  const world = known ?? createWorld({ ...layout, leafLevels });
  booted.set(key, world);
  return world;
}

const layout = {
  memblocks: [{ start: block, end: 4n * block }],
  reserved: [{ start: 3n * block, end: 4n * block }],
  vms: [
    { id: A, isProtected: false },
    { id: B, isProtected: false },
    { id: P, isProtected: true, isFinalized: true },
  ],
};

/** A bench for one test at a time: the next `benchOf` of the same leaf levels takes back what this one did. */
export function benchOf(revision: X86Revision = 'G2c', leafLevels: readonly Level[] = [1]): Bench {
  const world = bootedWorld(leafLevels);
  const rules = rulesOf(x86Revisions[revision]);
  const leafAt = (table: CountedWorld['host'], start: bigint): readonly [bigint, Level] => {
    const [leaf] = table.leaves({ start, size: page });
    if (leaf === undefined) throw new Error('there is a leaf everywhere');
    return [leaf.word, leaf.level];
  };
  return {
    world,
    call: (name, { memcache = 24, ...args } = {}) => {
      if (args.vm !== undefined) {
        const { pool } = world.tableMemory(args.vm);
        world.setTableMemory(args.vm, { memcache, pool });
      }
      return countedCall(world, name, { size: page, ...args }, rules);
    },
    record: (address = p) => {
      const { hostState, owner, hypShares, guestShares, refcount } = recordOf(world.record(address));
      return [hostState, owner, hypShares, guestShares, refcount];
    },
    hostLeaf: (address = p) => leafAt(world.host, address),
    guestLeaf: (vm, gpa = g) => leafAt(world.guest(vm), gpa),
  };
}
