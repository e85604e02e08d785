import type { Source } from '../../citation.ts';
import type { Call, Unit } from './call-context.ts';
import type { Bug, CountedErrno } from './outcome.ts';

/** How a call ends early: an error number, a panic, or a return from an operation that returns nothing. */
export type Answer = CountedErrno | Bug | 'nothing';

/** One question asked before anything is changed. Left out, it is a fault of its own. */
export interface CountedCheck<S, C = Call> {
  /** What it asks of what: `page.state`. Unique in its operation. */
  readonly name: string;
  readonly answer: Answer;
  /** Whether the hypervisor prints a warning where it does not hold. */
  readonly warns?: boolean;
  /** What must be true, as a sentence. */
  readonly rule: string;
  readonly source: Source;
  holds(subject: S, call: C): boolean;
  /** What was found instead. */
  found(subject: S, call: C): string;
  /** How many pages the memcache would have to hold. */
  needs?(call: C): number;
}

/** What is known of every check, whatever it asks about. */
export type CheckInfo = Pick<CountedCheck<never, never>, 'name' | 'answer' | 'rule' | 'source'>;

/** Why a call ended early. */
export interface Failure {
  readonly answer: Answer;
  /** The check or the step that decided. */
  readonly rule: string;
  readonly why: string;
  readonly warns: boolean;
  readonly needMemcache?: number;
  /** The function that panics, where it is not the operation's own. */
  readonly bugIn?: string;
}

/** Checks that are asked of the same subjects, one subject after the other. */
export interface Inquiry<C = Call, U = Unit> {
  readonly checks: readonly CheckInfo[];
  /** The first check that fails, or `undefined`. `isAsked` leaves checks out by their name. */
  firstFailure(call: C, unit: U, isAsked: (check: CheckInfo) => boolean): Failure | undefined;
}

/** Asks every check of every subject: the first subject's checks, then the second's. */
export function asked<S, C = Call, U = Unit>(
  subjects: (call: C, unit: U) => Iterable<S>,
  checks: readonly CountedCheck<S, C>[],
): Inquiry<C, U> {
  return {
    checks,
    firstFailure: (call, unit, isAsked) => {
      const kept = checks.filter(isAsked);
      if (kept.length === 0) return undefined;
      for (const subject of subjects(call, unit)) {
        for (const check of kept) if (!check.holds(subject, call)) return failureOf(check, subject, call);
      }
      return undefined;
    },
  };
}

function failureOf<S, C>(check: CountedCheck<S, C>, subject: S, call: C): Failure {
  const { answer, name, rule, warns = false, needs } = check;
  return {
    answer,
    rule: name,
    why: `${check.found(subject, call)}; needed: ${rule}`,
    warns,
    ...(needs === undefined ? {} : { needMemcache: needs(call) }),
  };
}
