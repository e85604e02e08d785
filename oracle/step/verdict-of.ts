import type { Candidates } from './candidates.ts';
import { ruleNamed } from './rule.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

/** What one event leads to. */
export interface Step {
  readonly verdict: Verdict;
  readonly candidates: Candidates;
}

/** A verdict in which nothing differs and nothing is missing, to be made more precise. */
export function verdictOf(
  verdict: VerdictKind,
  rule: string,
  why: string,
  more: Partial<Verdict> = {},
): Verdict {
  const { says, source } = ruleNamed(rule);
  return { verdict, rule, says, source, why, ...nothing, ...more };
}

const nothing = { allowed: [], differences: [], isLoose: false, inserted: [], needs: [] } as const;
