import type { Action, Step, Twin } from '../../checker/index.ts';
import { arrowOf, type MachineState } from '../../machines/arrow.ts';
import { type CallContext, type CallEvent, hypercall } from '../../machines/hypercall.ts';
import { operations } from '../../model/pkvm/index.ts';
import type { SmpCall } from './calls.ts';
import { decodeFlight } from './flight.ts';
import { flushesAfter, heldAt, type Program, type StepName } from './program.ts';
import type { StepOf } from './steps.ts';
import type { SmpWorld } from './world.ts';

const arrow = arrowOf(hypercall);
type Box = MachineState<typeof hypercall>['value'];

/** The box that a call is in after each of its steps. A flush means another box before and after `complete`. */
const boxAfter: Partial<Record<StepName, Box>> = {
  lock_guest: 'guest_locked',
  lock_host: 'locked',
  lookup: 'looked_up',
  request: 'requested',
  acknowledge: 'acknowledged',
  initiate: 'initiated',
  wipe: 'wiped',
  complete: 'completed',
  unlock_host: 'host_unlocked',
};

/** Steps that are beside the protocol of pages: what the memcache's calls do with the page that they got. */
const isBeside = (step: StepName): boolean => step === 'fetch' || step === 'pop' || step === 'push';

/** The box of a call whose next step is `at`, read off how far it has come. */
function boxOf(program: Program, at: number, isRefused: boolean): Box {
  const done = program.slice(0, at).filter(step => !isBeside(step));
  const last = done.at(-1);
  if (last === undefined) return 'idle';
  if (isRefused) return heldAt(program, at).includes('host') ? 'refused' : 'host_unlocked';
  if (last === 'flush') return done.includes('complete') ? 'settled' : 'separated';
  return boxAfter[last] ?? 'idle';
}

const contextOf = ({ name, operation }: SmpCall): CallContext | undefined => {
  if (operation === undefined) return undefined;
  return {
    hasGuest: operations[operation].names !== 'hpa',
    looksUp: operations[operation].names === 'gpa',
    flushesAfter: flushesAfter(operation) ?? 'nothing',
    wipes: name === 'host_undonate_guest',
  };
};

/** Whether the step found what it needed: nothing is refused after it that was not before. */
function eventOf(step: StepName, holds: boolean): CallEvent | undefined {
  switch (step) {
    case 'lookup':
    case 'request':
    case 'acknowledge':
      return { type: step, holds };
    case 'fetch':
    case 'pop':
    case 'push':
    case 'read_leaf':
    case 'write_leaf':
      return undefined;
    default:
      return { type: step };
  }
}

/** Holds every step of a call of one of the eight operations against the machine of a call. */
export function smpTwin(world: SmpWorld, steps: ReadonlyMap<Action, StepOf>): Twin {
  const disagrees = ({ action, before, after }: Step): string | undefined => {
    const found = steps.get(action);
    const slot = found === undefined ? undefined : world.cpus[found.cpu];
    if (found === undefined || slot === undefined) return undefined;
    const context = contextOf(found.call);
    const [was, is] = [decodeFlight(before(slot)), decodeFlight(after(slot))];
    const wasRefused = (was?.refusal ?? 0) !== 0;
    const isRefused = (is?.refusal ?? 0) !== 0;
    const event = eventOf(found.step, !isRefused);
    if (context === undefined || event === undefined) return undefined;
    const box = boxOf(found.program, found.at, wasRefused);
    const taken = arrow({ value: box, context }, event);
    if ('refused' in taken)
      return `${found.call.name} is ${box}, and the protocol has no ${event.type} from there`;
    const reached = is === undefined ? 'idle' : boxOf(found.program, is.at, isRefused);
    const { value } = taken.to;
    return value === reached
      ? undefined
      : `${found.call.name}: by ${event.type} the protocol goes from ${box} to ${value}, the bits to ${reached}`;
  };
  return { name: 'hypercall', disagrees };
}
