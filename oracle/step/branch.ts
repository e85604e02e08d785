import {
  type CallOutcome,
  Errno,
  operations,
  PAGE_SIZE,
  PageState,
  viewOf,
} from '../../model/pkvm/index.ts';
import { type NamedCall, outcomeIn } from './call-outcomes.ts';
import { type Candidate, type Candidates, type Successor, wordIn } from './candidates.ts';
import { type LeafKey, leafKey, leafPlace, type Word } from './leaf-words.ts';
import { ruleNamed } from './rule.ts';
import type { AllowedOutcome, Need } from './verdict.ts';

/** One thing that a call may do in one candidate. */
export interface Branch {
  readonly from: Candidate;
  readonly outcome: CallOutcome;
  readonly isLoose: boolean;
  /** What becomes of the leaves. */
  readonly writes: readonly (readonly [LeafKey, Word])[];
  /** Not empty: it depends on these leaves, which nobody knows, whether this happens. */
  readonly needs: readonly Need[];
}

const written = ({ writes }: CallOutcome): readonly (readonly [LeafKey, Word])[] =>
  writes.map(({ table, address, after }) => [leafKey(table, address), after]);

/** What the call does when every table page can be had: one branch a candidate, or two where a leaf is unknown. */
export function strictBranches(candidates: Candidates, named: NamedCall): readonly Branch[] {
  return candidates.each.flatMap((from): Branch[] => {
    const { outcome, needs } = outcomeIn(candidates, from, named);
    if (needs.length === 0) return [{ from, outcome, isLoose: false, writes: written(outcome), needs }];
    const succeeds: Branch = {
      from,
      outcome: {
        ...outcome,
        result: 0,
        rule: 'complete',
        why: 'if the leaves that are not known allow it',
      },
      isLoose: false,
      writes: writesIfDone(candidates, from, named, outcome),
      needs,
    };
    return [succeeds, ...refusals(named).map(refusal => ({ ...succeeds, outcome: refusal, writes: [] }))];
  });
}

/** The ways in which a call whose arguments are in order can be refused for what a leaf holds. */
function refusals({ name }: NamedCall): readonly CallOutcome[] {
  const { transition } = operations[name];
  const results = new Map(
    [...transition.request, ...transition.acknowledge].map(check => [check.errno, check]),
  );
  return [...results.values()].map(({ errno, name: rule }) => ({
    result: errno,
    rule,
    why: 'if a leaf that is not known forbids it',
    writes: [],
    wipes: [],
  }));
}

/** What a call that reads unknown leaves leaves behind if it succeeds. */
function writesIfDone(
  candidates: Candidates,
  from: Candidate,
  { name, args }: NamedCall,
  assumed: CallOutcome,
): readonly (readonly [LeafKey, Word])[] {
  const isGuestCall = operations[name].names === 'gpa';
  if (assumed.result === 0 && !isGuestCall) return written(assumed);
  const pages = Array.from({ length: Number(args.size / PAGE_SIZE) }, (_, i) => BigInt(i) * PAGE_SIZE);
  const keys = pages.flatMap(offset => [
    ...(args.hpa === undefined ? [] : [leafKey('host', args.hpa + offset)]),
    ...(args.gpa === undefined || args.vm === undefined ? [] : [leafKey(args.vm, args.gpa + offset)]),
  ]);
  const others = isGuestCall ? pagesThatGuestMayMap(candidates, from, args.vm ?? 0) : [];
  return [...keys, ...others].map(key => [key, 'unknown']);
}

/** The host leaves that a guest's own call may change when nobody knows which page its leaf maps. */
function pagesThatGuestMayMap(candidates: Candidates, from: Candidate, vm: number): LeafKey[] {
  return [...candidates.shared.entries(), ...from].flatMap(([key]) => {
    const { table, address } = leafPlace(key);
    if (table !== 'host') return [];
    const word = wordIn(candidates, from, table, address);
    if (word === 'unknown') return [];
    const { pageState, ownerId, isPresent } = viewOf(word);
    const isItsOwn = !isPresent && ownerId === vm;
    return isItsOwn || pageState === PageState.PKVM_PAGE_SHARED_BORROWED ? [key] : [];
  });
}

/** What the call does when a table page cannot be had, where the implementation says that this may be. */
export function looseBranches(candidates: Candidates, named: NamedCall): readonly Branch[] {
  const { implementation, faults } = candidates;
  if (implementation.pkvm.enomem === 'never' && !faults.has('late_enomem')) return [];
  return candidates.each.flatMap((from): Branch[] => {
    const { outcome, needs } = outcomeIn(candidates, from, named, 'exhausted');
    const isFailure = outcome.result === Errno.ENOMEM || outcome.result === 1;
    return isFailure ? [{ from, outcome, isLoose: true, writes: written(outcome), needs }] : [];
  });
}

export const successorOf = ({ from, writes }: Branch): Successor => ({ from, writes });

/** A branch as a person is told of it. */
export function allowedOutcome({ outcome, isLoose }: Branch): AllowedOutcome {
  const { result, rule, why, writes } = outcome;
  const { says, source } = ruleNamed(rule);
  return { ret: result, rule, says, source, why, isLoose, writes };
}
