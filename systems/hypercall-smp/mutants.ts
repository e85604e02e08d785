import { type OperationName, operationNames, operations } from '../../model/pkvm/index.ts';
import type { TriedFault } from '../system.ts';
import type { CallName } from './calls.ts';
import { redundant } from './redundant.ts';
import { flushesAfter, type LockName, type Program, type SmpRules, type StepName } from './program.ts';
import { facts, type Source } from '../../model/citation.ts';

/** A fault of calls in steps as the checker tries it: the program of one call, changed. */
export interface SmpMutant extends TriedFault<SmpRules> {
  readonly call: CallName;
}

/** How the program of the faulty call comes from the one that it should have. */
type Edit = (program: Program) => Program;

type Draft = Omit<SmpMutant, 'change'> & { readonly edit: Edit };

const mutant = ({ edit, ...rest }: Draft): SmpMutant => ({
  ...rest,
  change: ({ programOf }) => ({
    programOf: name => (name === rest.call ? edit(programOf(name)) : programOf(name)),
  }),
});

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
  const one = (name: string, about: string, edit: Edit): SmpMutant =>
    mutant({
      name: `${call}: ${lock} lock ${name}`,
      about: `${call} ${about}`,
      source: facts.pkvm('1.1', 'Lock = host_ept_lock unless said'),
      call,
      edit,
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

const checkBeforeLock = (call: OperationName): SmpMutant =>
  mutant({
    name: `${call}: checked before the locks`,
    about: `${call} asks its questions before it takes any lock`,
    source: facts.pkvm('0.2', 'C5'),
    call,
    edit: program => {
      const checks = program.filter(step => ['lookup', 'request', 'acknowledge'].includes(step));
      return [...checks, ...without(program, ...checks)];
    },
  });

const flushAfterUnlock = (call: OperationName): SmpMutant =>
  mutant({
    name: `${call}: flushed after the locks`,
    about: `${call} flushes only after it has given its locks back`,
    source: facts.pkvm('4', 'I8'),
    call,
    edit: program => moved(program, 'flush', 'end'),
  });

const swapped = (call: OperationName, name: string, source: Source): SmpMutant =>
  mutant({
    name,
    about: `${call} takes the host EPT's lock first, then the guest's`,
    source,
    call,
    edit: program => ['lock_host', ...without(program, 'lock_host')],
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
      ? [swapped(call, order, facts.pkvm('4', 'I16'))]
      : []),
  ];
}

/** The order of wiping, and the calls that are no operations. */
const beside: readonly Draft[] = [
  {
    name: 'B21',
    about:
      'refill_memcache reads the list in shared memory again after the donation, and keeps what it names by then',
    source: facts.pkvm('5', 'B21'),
    call: 'refill_memcache',
    edit: program => program.flatMap((step): StepName[] => (step === 'push' ? ['fetch', 'push'] : [step])),
    profile: 'memcache',
  },
  {
    name: 'refill_memcache: kept before it is donated',
    about: 'refill_memcache puts the page into the memcache and donates it afterwards',
    source: facts.pkvm('5', 'B21'),
    call: 'refill_memcache',
    edit: program => moved(program, 'push', 'lock_host'),
    profile: 'memcache',
  },
  {
    name: 'host_undonate_guest: wiped before it is unmapped',
    about: 'the page is wiped while the guest can still write to it',
    source: facts.pkvm('1.1', 'memset(0) of [phys, size) (RAM only) before host_undonate_guest'),
    call: 'host_undonate_guest',
    edit: program => moved(program, 'wipe', 'initiate'),
  },
  {
    name: 'host_undonate_guest: wiped before the flush',
    about: 'the page is wiped while the guest can still write to it by a cached translation',
    source: facts.pkvm('4', 'I9'),
    call: 'host_undonate_guest',
    edit: program => moved(program, 'wipe', 'flush'),
  },
  {
    name: 'host_undonate_guest: not wiped',
    about: 'the page comes back with what it holds',
    source: facts.pkvm('5', 'B10'),
    call: 'host_undonate_guest',
    edit: program => without(program, 'wipe'),
  },
  {
    name: 'test_clear_young_guest: guest lock left out',
    about: "test_clear_young_guest changes a guest's leaf without the guest's lock",
    source: facts.pkvm('1.2', 'access bit only'),
    call: 'test_clear_young_guest',
    edit: program => without(program, 'lock_guest', 'unlock_guest'),
    profile: 'tlb-normal',
  },
];

const allMutants: readonly SmpMutant[] = [
  { ...swapped('guest_share_host', 'B13', facts.pkvm('5', 'B13')), profile: '2c1p' },
  ...beside.map(mutant),
  ...operationNames.flatMap(ofOperation).map(one => ({ ...one, ...profileFor(one) })),
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
export const smpMutants: readonly SmpMutant[] = allMutants.filter(one => !isRedundant(one));

/** Those that break nothing, in any profile: what they leave out is covered by the call's other lock. */
export const redundantMutants: readonly SmpMutant[] = allMutants.filter(isRedundant);
