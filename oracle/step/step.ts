import type { CallOutcome } from '../../model/pkvm/index.ts';
import { allowedOutcome, looseBranches, strictBranches, successorOf } from './branch.ts';
import { limitHit, type NamedCall } from './call-outcomes.ts';
import { advance, type Candidates, forgetAll } from './candidates.ts';
import type { OracleEvent } from './event.ts';
import { type Step, stepCall, verdictOf } from './step-call.ts';
import { stepAccess, stepObserve } from './step-observe.ts';
import { stepViolation } from './step-violation.ts';
import type { AllowedOutcome } from './verdict.ts';

export type { Step } from './step-call.ts';

/**
 * Holds one event against every state in which the implementation may be. Pure: the candidates it is given stay as
 * they were.
 *
 * The candidates after a forbidden event are what was observed where it was, otherwise what the nearest allowed
 * outcome would have left.
 */
export function step(candidates: Candidates, event: OracleEvent): Step {
  switch (event.kind) {
    case 'call':
      return stepCall(candidates, event);
    case 'observe':
      return stepObserve(candidates, event);
    case 'access':
      return stepAccess(candidates, event);
    case 'violation':
      return stepViolation(candidates, event);
    case 'gap': {
      const why = event.lost === undefined ? 'events are missing' : `${event.lost} events are missing`;
      return { verdict: verdictOf('unknown', 'gap', why), candidates: forgetAll(candidates) };
    }
  }
}

/** Everything that the specification lets a call do from here, the strict outcomes first. */
export const predict = (candidates: Candidates, named: NamedCall): readonly AllowedOutcome[] =>
  limitHit(candidates, named) !== undefined
    ? []
    : [...strictBranches(candidates, named), ...looseBranches(candidates, named)].map(allowedOutcome);

/** The call as the specification does it, table pages being plentiful: its outcome, and the state after. */
export function perform(
  candidates: Candidates,
  named: NamedCall,
): { readonly outcome: CallOutcome; readonly candidates: Candidates } | undefined {
  if (limitHit(candidates, named) !== undefined) return undefined;
  const branches = strictBranches(candidates, named);
  const [first] = branches;
  if (first === undefined || branches.some(({ needs }) => needs.length > 0)) return undefined;
  const results = new Set(branches.map(({ outcome }) => outcome.result));
  if (results.size > 1) return undefined;
  return { outcome: first.outcome, candidates: advance(candidates, branches.map(successorOf)) };
}
