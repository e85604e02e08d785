import type { Action, Read } from '../../checker/index.ts';
import { OwnerId } from '../../model/pkvm/index.ts';
import { ownershipProperties } from '../../properties/ownership.ts';
import type { SmpView } from '../../properties/smp-view.ts';
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

/** Which CPU holds what this one needs next. */
function holderOfNext(world: SmpWorld, read: Read, cpu: number): number | undefined {
  const found = inCall(world, read, cpu);
  const next = found?.program[found.flight.at];
  if (found === undefined || (next !== 'lock_host' && next !== 'lock_guest')) return undefined;
  const holder = read(lockOf(world, found.call, next === 'lock_host' ? 'host' : 'guest'));
  return holder === FREE ? undefined : holder;
}

/** An unshare of the page has begun, on some CPU, and has given no lock back. */
function isRecalled(world: SmpWorld, read: Read, page: bigint): boolean {
  return world.places.cpus.some(cpu => {
    const found = inCall(world, read, cpu);
    if (found === undefined) return false;
    const { call, flight, program } = found;
    if (call.name !== 'host_unshare_guest' && call.name !== 'guest_unshare_host') return false;
    const begun = program.indexOf('initiate');
    const unlocks = program.findIndex(step => step.startsWith('unlock'));
    const named = call.hpa === 0n ? flight.hpa : call.hpa;
    return named === page && flight.at > begun && flight.at <= unlocks;
  });
}

/** Who can reach a page: by the words, through `translate()`, or by what some CPU has cached. */
function readersOf(world: SmpWorld, read: Read, page: bigint): readonly number[] {
  const found = leavesOf(world).flatMap(({ table, address }) => {
    if (table === 'host' && address !== page) return []; // the host EPT is an identity map
    const slot = world.cached.get(cachedKey(table, address));
    const reaches =
      (slot !== undefined && read(slot) === page) || walk(world.words, read, table, address)?.page === page;
    return reaches ? [typeof table === 'number' ? table : OwnerId.PKVM_ID_HOST] : [];
  });
  return [...new Set(found)];
}

/** The system as its sentences see it. */
export function viewOfWorld(world: SmpWorld, steps: ReadonlyMap<Action, StepOf>): SmpView {
  const { places, words, sequential, hostLock, guestLocks } = world;
  const isFree = (read: Read): boolean =>
    read(hostLock) === FREE && [...guestLocks.values()].every(slot => read(slot) === FREE);
  const { host, guest } = ownershipSlots(places, words);
  const inOrder = ownershipSlots(places, sequential);
  const other = [...inOrder.host, ...inOrder.guest].map(({ slot }) => slot);
  return {
    pages: places.pages,
    cpus: places.cpus,
    words: [...host, ...guest].flatMap(({ slot }, at) => {
      const sequentially = other[at];
      return sequentially === undefined ? [] : [{ slot, sequential: sequentially }];
    }),
    isQuiet: isFree,
    hostLeaf: (read, page) => words.leaf(read, 'host', page),
    guestLeaves: read => guest.map(({ vm, slot }) => ({ vm, leaf: read(slot) })),
    readers: (read, page) => readersOf(world, read, page),
    isRecalled: (read, page) => isRecalled(world, read, page),
    waitsFor: read => places.cpus.map(cpu => holderOfNext(world, read, cpu)),
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
