import { type OperationName, operations } from '../../model/pkvm/index.ts';
import type { CallName } from './calls.ts';

/** One step of a call: what no other CPU can come between. */
export type StepName =
  | 'lock_guest'
  | 'lock_host'
  | 'fetch'
  | 'pop'
  | 'lookup'
  | 'request'
  | 'acknowledge'
  | 'initiate'
  | 'flush'
  | 'wipe'
  | 'complete'
  | 'push'
  | 'read_leaf'
  | 'write_leaf'
  | 'unlock_host'
  | 'unlock_guest';

/** A call as its steps in order. A refused call goes on with the unlocking of what it holds. */
export type Program = readonly StepName[];

/** After which step of an operation a mapping has gone: the one whose leaf was present and is so no more. */
const flushes: Partial<Record<OperationName, 'initiate' | 'complete'>> = {
  host_donate_hyp: 'initiate',
  host_donate_guest: 'initiate',
  host_undonate_guest: 'initiate',
  host_unshare_guest: 'complete',
  guest_unshare_host: 'complete',
};

/** The step after which an operation flushes, as the specification has it. */
export const flushesAfter = (name: OperationName): 'initiate' | 'complete' | undefined => flushes[name];

/** The four words of an operation with what stands between them. */
function body(name: OperationName): StepName[] {
  const flush = (after: 'initiate' | 'complete'): StepName[] => (flushes[name] === after ? ['flush'] : []);
  const wipe: StepName[] = name === 'host_undonate_guest' ? ['wipe'] : [];
  return [
    'request',
    'acknowledge',
    'initiate',
    ...flush('initiate'),
    ...wipe,
    'complete',
    ...flush('complete'),
  ];
}

/**
 * The steps of a call: first the guest's lock, then the host EPT's, in every call that takes both. facts/pkvm.md 1.1,
 * "locks: G0 host->guest, later guest->host": the later order, in which an EPT violation takes them (5, B13).
 */
function programOf(name: CallName): Program {
  switch (name) {
    case 'refill_memcache':
      return ['fetch', 'lock_host', ...body('host_donate_hyp'), 'push', 'unlock_host'];
    case 'drain_memcache':
      return ['pop', 'lock_host', ...body('hyp_donate_host'), 'unlock_host'];
    case 'test_clear_young_guest':
      return ['lock_guest', 'read_leaf', 'write_leaf', 'unlock_guest'];
    case 'host_donate_hyp':
    case 'hyp_donate_host':
      return ['lock_host', ...body(name), 'unlock_host'];
    default: {
      const lookup: StepName[] = operations[name].names === 'gpa' ? ['lookup'] : [];
      return ['lock_guest', ...lookup, 'lock_host', ...body(name), 'unlock_host', 'unlock_guest'];
    }
  }
}

/** What a fault of calls in steps replaces: which steps a call makes, in which order. */
export interface SmpRules {
  programOf(name: CallName): Program;
}

export const specified: SmpRules = { programOf };

export type LockName = 'host' | 'guest';

/** The locks that the steps before `at` have taken and not given back. */
export function heldAt(program: Program, at: number): readonly LockName[] {
  const taken = (lock: LockName): number =>
    program.slice(0, at).filter(step => step === `lock_${lock}`).length -
    program.slice(0, at).filter(step => step === `unlock_${lock}`).length;
  return (['host', 'guest'] as const).filter(lock => taken(lock) > 0);
}

/** Where a call goes on after its step `at`: the next step, or, once refused, the next unlocking of what it holds. */
export function nextStep(program: Program, at: number, isRefused: boolean): number {
  if (!isRefused) return at + 1;
  const held = heldAt(program, at + 1);
  const found = program.findIndex(
    (step, index) => index > at && held.some(lock => step === `unlock_${lock}`),
  );
  return found < 0 ? program.length : found;
}
