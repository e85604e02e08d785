import { advance } from './advance.ts';
import { allowedOutcome, looseBranches, strictBranches } from './branch.ts';
import { type Candidates, forgetAll } from './candidates.ts';
import type { OracleEvent } from './event.ts';
import { focused } from './focus.ts';
import type { NamedCall } from './named-call.ts';
import { stepCall } from './step-call.ts';
import { stepAccess, stepObserve } from './step-observe.ts';
import { stepViolation } from './step-violation.ts';
import { type Step, verdictOf } from './verdict-of.ts';
import type { AllowedOutcome } from './verdict.ts';

export type { Step } from './verdict-of.ts';

/**
 * Holds one event against every state in which the implementation may be. Pure: the candidates it is given stay as
 * they were.
 *
 * The candidates after a forbidden event are what was observed where it was; otherwise nothing is held against what
 * follows that depends on which of the two, the implementation or the specification, was right.
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
      const lost = event.lost === undefined ? 'events are missing' : `${event.lost} events are missing`;
      const why = event.why ?? lost;
      return { verdict: verdictOf('unknown', 'gap', why), candidates: forgetAll(candidates) };
    }
  }
}

/** Everything that the specification lets a call do from here, the strict outcomes first. */
export function predict(candidates: Candidates, named: NamedCall): readonly AllowedOutcome[] {
  const looked = focused(candidates, focus => [
    ...strictBranches(focus, named),
    ...looseBranches(focus, named),
  ]);
  const isOpen = 'tooMany' in looked || looked.result.some(({ outcome }) => outcome.limit !== undefined);
  return isOpen ? [] : looked.result.map(allowedOutcome);
}

/** The call as the specification does it, table pages being plentiful: its outcome, and the state after. */
export function perform(
  candidates: Candidates,
  named: NamedCall,
): { readonly outcome: Omit<AllowedOutcome, 'isLoose'>; readonly candidates: Candidates } | undefined {
  const looked = focused(candidates, focus => strictBranches(focus, named));
  if ('tooMany' in looked) return undefined;
  const { focus, result: branches } = looked;
  const [first] = branches;
  if (first === undefined) return undefined;
  const isOpen = branches.some(
    ({ outcome: { needs, limit, result } }) =>
      needs.length > 0 || limit !== undefined || result !== first.outcome.result,
  );
  if (isOpen) return undefined;
  return {
    outcome: allowedOutcome(first),
    candidates: advance(
      focus,
      branches.map(({ to }) => to),
    ),
  };
}
