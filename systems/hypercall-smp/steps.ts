import { type Action, disabled, type Read, type Result, type Write } from '../../checker/index.ts';
import {
  call as wholeCall,
  type Check,
  Errno,
  type OperationName,
  operations,
  PAGE_SIZE,
  type PageOfCall,
  PageState,
  PROT_RWX,
  secretOf,
  viewOf,
} from '../../model/pkvm/index.ts';
import type { SmpCall } from './calls.ts';
import { decodeFlight, encodeFlight, type Flight, IDLE } from './flight.ts';
import { rangesOfPages } from '../pages/places.ts';
import { flushesAfter, nextStep, type Program, type StepName } from './program.ts';
import { cachedKey, FREE, lockOf, type SmpWorld } from './world.ts';

/** One step of one call on one CPU, with what it works on. */
interface Doing {
  readonly world: SmpWorld;
  readonly cpu: number;
  readonly call: SmpCall;
  readonly flight: Flight;
  readonly read: Read;
  readonly write: Write;
}

/** The page of a call as its checks see it in the words of now. */
function pageOf({ world: { words }, call, flight, read }: Doing): PageOfCall {
  const hpa = flight.hpa === 0n ? call.hpa : flight.hpa;
  return {
    hpa,
    gpa: call.gpa,
    vm: call.vm,
    hostLeaf: () => words.leaf(read, 'host', hpa),
    guestLeaf: () => words.leaf(read, call.vm, call.gpa),
  };
}

/**
 * Gives the call its place in the sequential order: the whole call at once, over words of its own, as `ownership`
 * makes it. What it returns there is what this call must return.
 */
function takeTurn({ world, call, flight, read, write }: Doing): Flight {
  if (call.operation === undefined || flight.expects !== undefined) return flight;
  const { sequential, places } = world;
  const outcome = wholeCall(
    {
      host: hpa => sequential.leaf(read, 'host', hpa),
      guest: (vm, gpa) => sequential.leaf(read, vm, gpa),
      ram: rangesOfPages(places.pages),
      vms: places.vms,
      tablePages: 'available',
    },
    call.operation,
    {
      hpa: pageOf({ world, call, flight, read, write, cpu: 0 }).hpa,
      vm: call.vm,
      gpa: call.gpa,
      size: PAGE_SIZE,
    },
  );
  sequential.apply(read, write, outcome.writes);
  return { ...flight, expects: outcome.result };
}

function check(doing: Doing, checks: readonly Check[]): Flight {
  const page = pageOf(doing);
  const failed = checks.find(one => !one.holds(page));
  const flight = takeTurn(doing);
  return failed === undefined ? flight : { ...flight, refusal: failed.errno };
}

function writeLeaf(doing: Doing, name: OperationName, step: 'initiate' | 'complete'): void {
  const { world, read, write } = doing;
  const leaf = operations[name].transition[step];
  if (leaf === undefined) return;
  const page = pageOf(doing);
  const place =
    leaf.table === 'host'
      ? ({ table: 'host', address: page.hpa } as const)
      : { table: page.vm, address: page.gpa };
  world.sequential.writeNow(read, write, { ...place, after: leaf.word(page, PROT_RWX) });
}

/** Flushes what the operation unmaps: the guest's gpa where its leaf goes, the host's page where the host's does. */
function flush(doing: Doing, name: OperationName): void {
  const after = flushesAfter(name);
  const leaf = after === undefined ? undefined : operations[name].transition[after];
  const { hpa, gpa, vm } = pageOf(doing);
  const key = leaf?.table === 'guest' ? cachedKey(vm, gpa) : cachedKey('host', hpa);
  const slot = doing.world.cached.get(key);
  if (slot !== undefined) doing.write(slot, 0n);
}

/** A page that the guest had not shared is wiped: the host leaf still records the guest as its owner. */
function wipe(doing: Doing): void {
  const { hpa, hostLeaf } = pageOf(doing);
  const slot = doing.world.contents.get(hpa);
  if (slot !== undefined && viewOf(hostLeaf()).pageState === PageState.PKVM_NOPAGE)
    doing.write(slot, 'zero');
}

/** What a guest had written to a page that it now shares is the host's to know. */
function declassify(doing: Doing): void {
  const slot = doing.world.contents.get(pageOf(doing).hpa);
  if (slot !== undefined && doing.read(slot) === secretOf(doing.call.vm)) doing.write(slot, 'public');
}

/** Does one step and gives the flight after it; `disabled` where the CPU has to wait. */
function perform(step: StepName, doing: Doing): Flight | typeof disabled {
  const { world, cpu, call, flight, read, write } = doing;
  const transition = call.operation === undefined ? undefined : operations[call.operation].transition;
  switch (step) {
    case 'lock_guest':
    case 'lock_host': {
      const lock = lockOf(world, call, step === 'lock_host' ? 'host' : 'guest');
      if (read(lock) !== FREE) return disabled;
      write(lock, cpu);
      return flight;
    }
    case 'unlock_guest':
    case 'unlock_host': {
      const lock = lockOf(world, call, step === 'unlock_host' ? 'host' : 'guest');
      // a refused call gives back what it has taken, and no more
      if (read(lock) === cpu) write(lock, FREE);
      return flight;
    }
    case 'lookup': {
      const leaf = viewOf(pageOf(doing).guestLeaf());
      if (leaf.isPresent) return { ...flight, hpa: leaf.page };
      return { ...takeTurn(doing), refusal: Errno.EINVAL };
    }
    case 'request':
      return check(doing, transition?.request ?? []);
    case 'acknowledge':
      return check(doing, transition?.acknowledge ?? []);
    case 'initiate':
    case 'complete':
      if (call.operation !== undefined) writeLeaf(doing, call.operation, step);
      if (call.name === 'guest_share_host' && step === 'initiate') declassify(doing);
      return flight;
    case 'flush':
      if (call.operation !== undefined) flush(doing, call.operation);
      return flight;
    case 'wipe':
      wipe(doing);
      return flight;
    default:
      return performBeside(step, doing);
  }
}

/** The steps of the calls that are no operations: the memcache's and the clearing of accessed flags. */
function performBeside(
  step: 'fetch' | 'pop' | 'push' | 'read_leaf' | 'write_leaf',
  doing: Doing,
): Flight | typeof disabled {
  const { world, cpu, call, flight, read, write } = doing;
  const memcache = world.memcaches[cpu];
  switch (step) {
    case 'fetch':
      if (world.list === undefined || memcache === undefined || read(memcache) !== 0n) return disabled;
      return { ...flight, hpa: read(world.list) };
    case 'pop': {
      const page = memcache === undefined ? 0n : read(memcache);
      if (memcache === undefined || page === 0n) return disabled;
      write(memcache, 0n);
      return { ...flight, hpa: page };
    }
    case 'push':
      if (memcache !== undefined) write(memcache, flight.hpa);
      return flight;
    case 'read_leaf':
      return { ...flight, leaf: pageOf(doing).guestLeaf() };
    case 'write_leaf': {
      // the accessed flag is clear in every leaf here: what is written back is the leaf as it was read
      if (viewOf(flight.leaf).isPresent)
        world.sequential.writeNow(read, write, { table: call.vm, address: call.gpa, after: flight.leaf });
      return { ...flight, leaf: 0n };
    }
  }
}

/** One step of one call on one CPU. The last step of a call returns the call's result. */
function stepAction(world: SmpWorld, cpu: number, call: SmpCall, program: Program, at: number): Action {
  const slot = world.cpus[cpu];
  const step = program[at];
  const start: Flight = { call: call.index, at: 0, hpa: 0n, leaf: 0n, refusal: 0, expects: undefined };
  const run = (read: Read, write: Write): Result | typeof disabled => {
    if (slot === undefined || step === undefined) return disabled;
    const value = read(slot);
    const flight = value === IDLE && at === 0 ? start : decodeFlight(value);
    if (flight?.call !== call.index || flight.at !== at) return disabled;
    const done = perform(step, { world, cpu, call, flight, read, write });
    if (done === disabled) return disabled;
    const next = nextStep(program, at, done.refusal !== 0);
    write(slot, next >= program.length ? IDLE : encodeFlight({ ...done, at: next }));
    if (next >= program.length) return done.refusal;
    return done.refusal !== flight.refusal ? 'refused' : 'ok';
  };
  return { name: `${call.name}/${step ?? 'return'}`, actor: `cpu${cpu}`, args: call.args, run };
}

/** What a step action is, for whoever looks at steps: properties and the twin. */
export interface StepOf {
  readonly cpu: number;
  readonly call: SmpCall;
  readonly program: Program;
  readonly at: number;
  readonly step: StepName;
}

/** Every step of every call on every CPU. */
export function stepActions(world: SmpWorld): ReadonlyMap<Action, StepOf> {
  return new Map(
    world.places.cpus.flatMap(cpu =>
      world.calls.flatMap((call, index) => {
        const program = world.programs[index] ?? [];
        return program.map(
          (step, at) =>
            [stepAction(world, cpu, call, program, at), { cpu, call, program, at, step }] as const,
        );
      }),
    ),
  );
}
