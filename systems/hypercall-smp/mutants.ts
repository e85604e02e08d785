import { type OperationName, operationNames, operations } from '../../model/pkvm/index.ts';
import type { Mutant } from '../system.ts';
import type { CallName, SmpCall } from './calls.ts';
import { redundant } from './redundant.ts';
import { flushesAfter, type LockName, type Program, programOf, type StepName } from './program.ts';

/** A mutant of calls in steps: the program of one call, changed. */
export interface SmpMutant extends Mutant {
  readonly call: CallName;
  change(program: Program): Program;
}

const bug = (id: string): string => `facts/pkvm.md 5, ${id}`;
const isLock = (step: StepName, lock: LockName): boolean =>
  step === `lock_${lock}` || step === `unlock_${lock}`;
const without = (program: Program, ...steps: StepName[]): StepName[] =>
  program.filter(step => !steps.includes(step));

/** The steps with one of them moved to just before another; to the end where there is no such step. */
function moved(program: Program, step: StepName, before: StepName | 'end'): Program {
  const rest = without(program, step);
  const at = before === 'end' ? rest.length : rest.indexOf(before);
  return [...rest.slice(0, at), step, ...rest.slice(at)];
}

/** What may be done wrong with a lock: never taken, taken after the checks, given back before the last write. */
const lockFaults = (call: CallName, lock: LockName): SmpMutant[] => {
  const label = lock === 'host' ? "the host EPT's lock" : "the guest's lock";
  const one = (name: string, about: string, change: SmpMutant['change']): SmpMutant => ({
    name: `${call}: ${lock} lock ${name}`,
    about: `${call} ${about}`,
    source: 'facts/pkvm.md 1.1, "Lock = host_ept_lock unless said"',
    call,
    change,
  });
  return [
    one('left out', `does not take ${label}`, program => program.filter(step => !isLock(step, lock))),
    one('taken late', `takes ${label} after its checks`, program =>
      moved(program, `lock_${lock}`, 'initiate'),
    ),
    one('released early', `gives ${label} back before its last write`, program =>
      moved(program, `unlock_${lock}`, 'complete'),
    ),
  ];
};

const takesGuestLock = (name: OperationName): boolean => operations[name].names !== 'hpa';

const checkBeforeLock = (call: OperationName): SmpMutant => ({
  name: `${call}: checked before the locks`,
  about: `${call} asks its questions before it takes any lock`,
  source: 'facts/pkvm.md 0.2, C5',
  call,
  change: program => {
    const checks = program.filter(step => ['lookup', 'request', 'acknowledge'].includes(step));
    return [...checks, ...without(program, ...checks)];
  },
});

const flushAfterUnlock = (call: OperationName): SmpMutant => ({
  name: `${call}: flushed after the locks`,
  about: `${call} flushes only after it has given its locks back`,
  source: 'facts/pkvm.md 4, I8',
  call,
  change: program => moved(program, 'flush', 'end'),
});

const swapped = (call: OperationName, name: string, source: string): SmpMutant => ({
  name,
  about: `${call} takes the host EPT's lock first, then the guest's`,
  source,
  call,
  change: program => ['lock_host', ...without(program, 'lock_host')],
});

/** Mutants of one operation, by what the operation does. */
function ofOperation(call: OperationName): SmpMutant[] {
  const locks: LockName[] = takesGuestLock(call) ? ['guest', 'host'] : ['host'];
  const order = `${call}: locks swapped`;
  return [
    ...locks.flatMap(lock => lockFaults(call, lock)),
    checkBeforeLock(call),
    ...(flushesAfter(call) === undefined ? [] : [flushAfterUnlock(call)]),
    ...(takesGuestLock(call) && call !== 'guest_share_host'
      ? [swapped(call, order, 'facts/pkvm.md 4, I16')]
      : []),
  ];
}

/** The order of wiping, and the calls that are no operations. */
const beside: readonly SmpMutant[] = [
  {
    name: 'B21',
    about:
      'refill_memcache reads the list in shared memory again after the donation, and keeps what it names by then',
    source: bug('B21'),
    call: 'refill_memcache',
    change: program =>
      program.flatMap((step): StepName[] => (step === 'push' ? ['fetch', 'push'] : [step])),
    profile: 'memcache',
  },
  {
    name: 'refill_memcache: kept before it is donated',
    about: 'refill_memcache puts the page into the memcache and donates it afterwards',
    source: bug('B21'),
    call: 'refill_memcache',
    change: program => moved(program, 'push', 'lock_host'),
    profile: 'memcache',
  },
  {
    name: 'host_undonate_guest: wiped before it is unmapped',
    about: 'the page is wiped while the guest can still write to it',
    source: 'facts/pkvm.md 1.1, "memset(0) of [phys, size) (RAM only) before host_undonate_guest"',
    call: 'host_undonate_guest',
    change: program => moved(program, 'wipe', 'initiate'),
  },
  {
    name: 'host_undonate_guest: wiped before the flush',
    about: 'the page is wiped while the guest can still write to it by a cached translation',
    source: 'facts/pkvm.md 4, I9',
    call: 'host_undonate_guest',
    change: program => moved(program, 'wipe', 'flush'),
  },
  {
    name: 'host_undonate_guest: not wiped',
    about: 'the page comes back with what it holds',
    source: bug('B10'),
    call: 'host_undonate_guest',
    change: program => without(program, 'wipe'),
  },
  {
    name: 'test_clear_young_guest: guest lock left out',
    about: "test_clear_young_guest changes a guest's leaf without the guest's lock",
    source: 'facts/pkvm.md 1.2, "access bit only"',
    call: 'test_clear_young_guest',
    change: program => without(program, 'lock_guest', 'unlock_guest'),
    profile: 'tlb-normal',
  },
];

const allMutants: readonly SmpMutant[] = [
  { ...swapped('guest_share_host', 'B13', bug('B13')), profile: '2c1p' },
  ...beside,
  ...operationNames.flatMap(ofOperation).map(mutant => ({ ...mutant, ...profileFor(mutant) })),
];

/** The smallest profile in which a mutant of an operation shows, where `tlb` does not have it. */
function profileFor({ call, name }: SmpMutant): { readonly profile?: string } {
  // a page gets into two guests' tables only where there are two guests
  if (name === 'host_share_guest: host lock left out') return { profile: '2c1p' };
  if (call === 'host_share_guest' || call === 'host_unshare_guest') return { profile: 'tlb-normal' };
  // two pages must change places at the gpa that the guest's call has looked up
  return name === 'guest_unshare_host: guest lock left out' ? { profile: '2p1g' } : {};
}

const isRedundant = ({ name }: SmpMutant): boolean => redundant.some(entry => entry.mutant === name);

/** The mutants that break something. */
export const smpMutants: readonly SmpMutant[] = allMutants.filter(mutant => !isRedundant(mutant));

/** Those that break nothing, in any profile: what they leave out is covered by the call's other lock. */
export const redundantMutants: readonly SmpMutant[] = allMutants.filter(isRedundant);

/** @throws RangeError for a name that neither list has. */
export function mutantNamed(name: string | undefined): SmpMutant | undefined {
  const found = allMutants.find(mutant => mutant.name === name);
  if (name !== undefined && found === undefined)
    throw new RangeError(`hypercall-smp has no mutant ${name}`);
  return found;
}

/** The program of a call under a mutant, or as the specification has it. */
export const mutatedProgram =
  (mutant: SmpMutant | undefined) =>
  ({ name }: SmpCall): Program => {
    const program = programOf(name);
    return mutant?.call === name ? mutant.change(program) : program;
  };
