import { type Action, collect, type Read, type Slot, some } from '../../checker/index.ts';
import { OwnerId } from '../../model/pkvm/index.ts';
import { ownershipProperties } from '../../properties/ownership.ts';
import type { SmpView } from '../../properties/smp-view.ts';
import { lensBy, isLent } from '../pages/lenses.ts';
import { ownershipSlots } from '../pages/leaf-tables.ts';
import { walk } from '../pages/walk.ts';
import type { SmpCall } from './calls.ts';
import { decodeFlight, type Flight, IDLE } from './flight.ts';
import { heldAt, type LockName, type Program } from './program.ts';
import type { StepOf } from './steps.ts';
import { leavesOf } from './surroundings.ts';
import { cachedKey, FREE, lockOf, type SmpWorld } from './world.ts';

/** The order of the locks: a guest's table first, then the host EPT. */
const rankOf = (lock: LockName): number => (lock === 'guest' ? 0 : 1);

interface InCall {
  readonly flight: Flight;
  readonly call: SmpCall;
  readonly program: Program;
}

function inCall({ cpus, calls, programs }: SmpWorld, read: Read, cpu: number): InCall | undefined {
  const slot = cpus[cpu];
  const flight = slot === undefined ? undefined : decodeFlight(read(slot));
  const call = flight === undefined ? undefined : calls[flight.call];
  const program = flight === undefined ? undefined : programs[flight.call];
  return flight === undefined || call === undefined || program === undefined
    ? undefined
    : { flight, call, program };
}

/** The lock that a CPU takes next, with its place in the order; `undefined` where its next step takes none. */
function nextLock(
  world: SmpWorld,
  read: Read,
  cpu: number,
): { slot: Slot<number>; rank: number } | undefined {
  const found = inCall(world, read, cpu);
  const next = found?.program[found.flight.at];
  if (found === undefined || (next !== 'lock_host' && next !== 'lock_guest')) return undefined;
  const lock = next === 'lock_host' ? 'host' : 'guest';
  return { slot: lockOf(world, found.call, lock), rank: rankOf(lock) };
}

/** Which CPU holds what this one needs next, and where that lock stands in the order. */
function waitsFor(world: SmpWorld, read: Read, cpu: number): { holder: number; rank: number } | undefined {
  const next = nextLock(world, read, cpu);
  const holder = next === undefined ? FREE : read(next.slot);
  return next === undefined || holder === FREE ? undefined : { holder, rank: next.rank };
}

const isTaken = (holder: number): boolean => holder !== FREE;
const isInCall = (flight: string): boolean => flight !== IDLE;

/** Of a CPU's flight: an unshare of this page has begun there, and has given no lock back. */
const recalls =
  ({ calls, programs }: SmpWorld) =>
  (page: bigint) =>
  (value: string): boolean => {
    const flight = decodeFlight(value);
    const call = flight === undefined ? undefined : calls[flight.call];
    const program = flight === undefined ? undefined : programs[flight.call];
    if (flight === undefined || call === undefined || program === undefined) return false;
    if (call.name !== 'host_unshare_guest' && call.name !== 'guest_unshare_host') return false;
    const begun = program.indexOf('initiate');
    const unlocks = program.findIndex(step => step.startsWith('unlock'));
    const named = call.hpa === 0n ? flight.hpa : call.hpa;
    return named === page && flight.at > begun && flight.at <= unlocks;
  };

/** Who can reach a page: by the words, through `translate()`, or by what some CPU has cached. */
function readers(world: SmpWorld): (read: Read, page: bigint) => readonly number[] {
  const { words, cached } = world;
  const leaves = leavesOf(world).filter(({ table }) => typeof table === 'number');
  const [first] = leaves;
  const leafSlots = leaves.flatMap(({ table, address }) => words.slot(table, address) ?? []);
  const cachedLeaves = leaves.filter(({ table, address }) => cached.has(cachedKey(table, address)));
  const cachedSlots = cachedLeaves.flatMap(
    ({ table, address }) => cached.get(cachedKey(table, address)) ?? [],
  );
  // where a leaf leads does not depend on where it stands
  const leadsTo = lensBy((page: bigint) => (leaf: bigint): boolean => {
    const alone = (() => leaf) as Read;
    return first !== undefined && walk(words, alone, first.table, first.address)?.page === page;
  });
  const isCached = lensBy(
    (page: bigint) =>
      (found: bigint): boolean =>
        found === page,
  );
  return (read, page) => {
    const slot = cached.get(cachedKey('host', page)); // the host EPT is an identity map
    const isHosts =
      (slot !== undefined && read(slot) === page) || walk(words, read, 'host', page)?.page === page;
    const guests = [
      ...collect(read, leafSlots, leadsTo(page)).map(({ at }) => leaves[at]?.table),
      ...collect(read, cachedSlots, isCached(page)).map(({ at }) => cachedLeaves[at]?.table),
    ].filter(table => typeof table === 'number');
    return [...new Set([...(isHosts ? [OwnerId.PKVM_ID_HOST] : []), ...guests])];
  };
}

/** The system as its sentences see it. */
export function viewOfWorld(world: SmpWorld, steps: ReadonlyMap<Action, StepOf>): SmpView {
  const { places, words, sequential, hostLock, guestLocks } = world;
  const locksOfGuests = [...guestLocks.values()];
  const isFree = (read: Read): boolean => read(hostLock) === FREE && !some(read, locksOfGuests, isTaken);
  const { host, guest } = ownershipSlots(places, words);
  const leafSlots = guest.map(({ slot }) => slot);
  const recalled = lensBy(recalls(world));
  return {
    pages: places.pages,
    cpus: places.cpus,
    words: leavesOf(world).flatMap(({ table, address }) => {
      const slot = words.slot(table, address);
      const sequentially = (read: Read): bigint => sequential.leaf(read, table, address);
      return slot === undefined ? [] : [{ slot, sequential: sequentially }];
    }),
    isQuiet: isFree,
    hostLeaf: (read, page) => words.leaf(read, 'host', page),
    hostSlot: page => words.slot('host', page),
    isLentByGuest: (read, page) => some(read, leafSlots, isLent(page)),
    readers: readers(world),
    isRecalled: (read, page) => some(read, world.cpus, recalled(page)),
    waitsFor: (read, cpu) => waitsFor(world, read, cpu),
    isAllIdle: read => !some(read, world.cpus, isInCall),
    heldBy: (read, cpu) => {
      const found = inCall(world, read, cpu);
      return found === undefined ? [] : heldAt(found.program, found.flight.at).map(rankOf);
    },
    stepOf: action => {
      const found = steps.get(action);
      if (found === undefined) return undefined;
      const { cpu, call, step } = found;
      const lock = step === 'lock_host' ? 'host' : step === 'lock_guest' ? 'guest' : undefined;
      const slot = world.cpus[cpu];
      return {
        cpu,
        operation: call.operation ?? call.name,
        vm: call.vm,
        ...(lock === undefined ? {} : { takesRank: rankOf(lock) }),
        isLast: (_, after) => slot !== undefined && after(slot) === IDLE,
        expects: read => inCall(world, read, cpu)?.flight.expects,
      };
    },
    isIdle: (read, cpu) => inCall(world, read, cpu) === undefined,
    hasTranslations: world.size.translations,
    hasContents: world.size.contents,
    contents: (read, page) => {
      const slot = world.contents.get(page);
      return slot === undefined ? 'public' : read(slot);
    },
    memcaches: world.memcaches.map(slot => ({ about: slot.name, page: (read: Read) => read(slot) })),
    ownership: ownershipProperties({ host, guest, vms: places.vms }),
  };
}
