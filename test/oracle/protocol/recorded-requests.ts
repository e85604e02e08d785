import { addressHex } from '../../../model/bits/index.ts';
import type { RecordedCall, RecordedSequence, RecordedState } from '../../../evidence/records/x86-2026.ts';
import { readX86Header, readX86Sequence, type RecordedWorld } from '../../../evidence/records/x86-2026.ts';

/** Recorded sequences as a client of `oracle serve` would tell of them. */

const states = ['NONE', 'OWNED', 'SHARED_OWNED', 'SHARED_BORROWED'];
const owners = ['HOST', 'HYP', 'GUEST'];

function placesOf(world: RecordedWorld, { pages, mmio, guests }: RecordedState) {
  const leafOf = (
    table: 'host' | number,
    address: bigint | undefined,
    leaf: { word: bigint; level: number },
  ) => ({
    table,
    address: addressHex(address ?? 0n),
    word: addressHex(leaf.word),
    level: leaf.level,
  });
  return {
    records: pages.map(({ record }, at) => ({
      page: addressHex(world.pages[at] ?? 0n),
      state: states[record.hostState],
      owner: owners[record.owner],
      hypShares: record.hypShares,
      guestShares: record.guestShares,
      pins: record.refcount,
    })),
    leaves: [
      ...pages.map(({ leaf }, at) => leafOf('host', world.pages[at], leaf)),
      ...mmio.map((leaf, at) => leafOf('host', world.mmio[at], leaf)),
      ...guests.flatMap((leaves, vm) =>
        leaves.map((leaf, at) => leafOf(world.vms[vm]?.id ?? 0, world.gpas[at], leaf)),
      ),
    ],
  };
}

function callOf(world: RecordedWorld, call: RecordedCall): Record<string, unknown> {
  const { name, args, result, bugIn, memory, needMemcache, warnings, flushes, wipes } = call;
  const { pa, gpa, size, vm, ...flags } = args;
  const range = ({ start, size: bytes }: { start: bigint; size: bigint }) => ({
    address: addressHex(start),
    size: addressHex(bytes),
  });
  return {
    op: 'call',
    name,
    ...(pa === undefined ? {} : { hpa: addressHex(pa) }),
    ...(gpa === undefined ? {} : { gpa: addressHex(gpa) }),
    ...(size === undefined ? {} : { size: addressHex(size) }),
    ...(vm === undefined ? {} : { vm }),
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
    ...(memory === undefined ? {} : memory),
    ret: result,
    ...(bugIn === undefined ? {} : { bugIn }),
    ...(result === 'BUG'
      ? {}
      : {
          ...(needMemcache === undefined ? {} : { needMemcache }),
          warnings,
          flushes: flushes.map(({ who, ...bytes }) => ({ who, ...range(bytes) })),
          wipes: wipes.map(range),
          ...placesOf(world, call.state),
        }),
  };
}

/** The requests of one recorded sequence. A call that ended in a panic was taken back: so is ours. */
export function requestsOf(
  header: string,
  line: string,
  implementation: string,
): Record<string, unknown>[] {
  const head = readX86Header(JSON.parse(header));
  const read = readX86Sequence(JSON.parse(line));
  if (!head.ok || !read.ok) throw new Error('not a recording');
  const sequence: RecordedSequence = read.value;
  const world = sequence.world ?? head.value;
  const range = ({ start, end }: { start: bigint; end: bigint }) => [addressHex(start), addressHex(end)];
  return [
    {
      op: 'hello',
      implementation,
      ram: world.memblocks.map(range),
      hypervisor: world.reserved.map(range),
      vms: world.vms.map(({ id, isProtected }) => ({
        id,
        kind: isProtected ? 'protected' : 'normal',
        ...(isProtected ? { finalized: sequence.finalized } : {}),
      })),
      pageSizes: world.leafLevels.map(level => ['', '4K', '2M', '1G'][level]),
    },
    { op: 'observe', ...placesOf(world, sequence.init) },
    ...sequence.calls.flatMap(call =>
      call.result === 'BUG'
        ? [{ op: 'snapshot' }, callOf(world, call), { op: 'restore' }]
        : [callOf(world, call)],
    ),
  ];
}
