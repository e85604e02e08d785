import type { Property, Result, Step } from '../checker/index.ts';
import { facts } from '../model/citation.ts';
import {
  BUG,
  CountedErrno,
  CountedLeaf,
  leafValue,
  ownerName,
  recordOf,
} from '../model/pkvm/counted/index.ts';
import type { CountedView } from './counted-view.ts';
import { pkvmInvariant } from './origin.ts';
import { all, eachStep } from './sentence.ts';

/** A call that changed nothing by its own word: an error number, or nothing returned and nothing done. */
const isRefused = (result: Result): boolean =>
  result === 'refused' || (typeof result === 'number' && result < 0);

const results: readonly Result[] = [
  0,
  1,
  CountedErrno.EPERM,
  CountedErrno.EINVAL,
  CountedErrno.ENOSPC,
  CountedErrno.E2BIG,
  CountedErrno.ENOMEM,
  'done',
  'refused',
  BUG,
];

/** The calls by which the owner of a page may change, from whom to whom. */
const donations: Readonly<Record<string, readonly [from: string, to: string]>> = {
  host_donate_hyp: ['HOST', 'HYP'],
  host_donate_hyp_share_ro: ['HOST', 'HYP'],
  hyp_donate_host: ['HYP', 'HOST'],
  host_donate_guest: ['HOST', 'GUEST'],
  vm_teardown: ['GUEST', 'HOST'],
};

/** The rights of a leaf: `rwx`, `r-x`. */
function granted(leaf: bigint): string {
  const { read, write, execute } = CountedLeaf.decode(leaf);
  return `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
}

function ownerConjuncts(view: CountedView, { action, result, before, after, changed }: Step) {
  return view.pages
    .filter(({ recordSlot }) => changed.includes(recordSlot))
    .flatMap(({ about, page, recordSlot }): (readonly [boolean, string])[] => {
      const from = ownerName(recordOf(before(recordSlot)).owner);
      const to = ownerName(recordOf(after(recordSlot)).owner);
      if (from === to) return [];
      const [giver, receiver] = donations[action.name] ?? [];
      const isDone = result === 0 || result === 'done';
      const where = `${about} went from ${from} to ${to}`;
      return [
        [giver === from && receiver === to && isDone, `${where} by ${action.name}, ${result}`],
        [
          action.name === 'vm_teardown' || view.namesPage(action, page),
          `${where}, and the call does not name it`,
        ],
      ];
    });
}

/** Calls that need pages for a guest's table: each may fail half way in its own manner, and has a sentence of its own. */
const needTables = ['host_donate_guest', 'host_share_guest', 'host_unshare_guest'];

/** A refused call changes nothing (J9). */
function refusals({ isCall }: CountedView): Property[] {
  const changesNothing = (name: string, isMeant: (operation: string) => boolean): Property =>
    eachStep(name, { id: 'J9', source: facts.pkvm2026('4', 'J9') }, ({ action, result, changed }) => {
      if (!isCall(action) || !isMeant(action.name)) return true;
      const what = changed.map(slot => slot.name).join(', ');
      return all([[!isRefused(result) || changed.length === 0, `result ${result}, and ${what} changed`]]);
    });
  return [
    ...needTables.map(name => changesNothing(`a refused ${name} changes nothing`, own => own === name)),
    changesNothing('a refused call of any other kind changes nothing', own => !needTables.includes(own)),
  ];
}

/** What must be true of every call: of the words before, the result and the words after. */
export const countedStepProperties = (view: CountedView): readonly Property[] => [
  eachStep(
    'no call ends in a panic of the hypervisor',
    { id: 'J7', source: facts.pkvm2026('4', 'J7') },
    ({ action, result }) => all([[result !== BUG, `${action.name} panics`]]),
  ),
  ...refusals(view),
  eachStep(
    'a call returns 0, 1, nothing, -EPERM, -EINVAL, -ENOSPC, -E2BIG or -ENOMEM',
    { id: 'I10', source: facts.pkvm2026('1.3', 'Error set') },
    ({ action, result }) => all([[!view.isCall(action) || results.includes(result), `result ${result}`]]),
  ),
  eachStep(
    'whoever receives a page gets the rights that were granted, and a state alone changes none',
    pkvmInvariant('I13'),
    ({ action, changed, before, after }) =>
      all(
        view.leaves
          .filter(({ slot }) => changed.includes(slot))
          .flatMap(({ about, word }) => {
            const [old, now] = [word(before), word(after)];
            if (!leafValue(now).isPresent) return [];
            const wanted = leafValue(old).isPresent ? granted(old) : String(action.args.prot ?? 'rwx');
            return [[granted(now) === wanted, `${about} grants ${granted(now)}, not ${wanted}`] as const];
          }),
      ),
  ),
  eachStep(
    'the owner of a page changes only by a donation that names it or by the end of its VM',
    pkvmInvariant('I18'),
    step => all(ownerConjuncts(view, step)),
  ),
];
