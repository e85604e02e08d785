import { errnoName, operations, PAGE_SIZE } from '../../model/pkvm/index.ts';
import { allowedOutcome, type Branch, looseBranches, strictBranches, successorOf } from './branch.ts';
import { limitHit } from './call-outcomes.ts';
import { advance, type Candidates, maxCandidates, type Successor, wordIn } from './candidates.ts';
import type { CallEvent, LeafObservation } from './event.ts';
import { leafKey } from './leaf-words.ts';
import type { Table } from './machine.ts';
import { leafDifferences } from './observation.ts';
import { ruleNamed } from './rule.ts';
import { explainBySilentSteps } from './silent.ts';
import type { Difference, Verdict, VerdictKind } from './verdict.ts';

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
  const { source } = ruleNamed(rule);
  const nothing = { allowed: [], differences: [], isLoose: false, inserted: [], needs: [] };
  return { verdict, rule, source, why, ...nothing, ...more };
}

/** How what was observed differs from one branch. */
function differencesFrom(candidates: Candidates, branch: Branch, event: CallEvent): readonly Difference[] {
  const { outcome, writes, from } = branch;
  const ret: Difference[] =
    event.ret === undefined || event.ret === outcome.result
      ? []
      : [{ at: 'ret', observed: errnoName(event.ret), allowed: errnoName(outcome.result) }];
  if (event.leaves === undefined) return ret;
  const after = new Map(writes);
  const wordAt = ({ table, address }: LeafObservation) =>
    after.get(leafKey(table, address)) ?? wordIn(candidates, from, table, address);
  return [...ret, ...leafDifferences(event.leaves, wordAt, candidates.implementation.pkvm)];
}

/** What a branch leads to, with what was seen filled in where nothing was known. */
function learn(candidates: Candidates, branch: Branch, seen: readonly LeafObservation[] = []): Successor {
  const { from, writes } = successorOf(branch);
  if (seen.length === 0) return { from, writes };
  const after = new Map(writes);
  for (const { table, address, word } of seen) {
    const key = leafKey(table, address);
    const held = after.get(key) ?? wordIn(candidates, from, table, address);
    if (word !== undefined && held === 'unknown') after.set(key, word);
  }
  return { from, writes: [...after] };
}

/** A call against every possible state. */
export function stepCall(candidates: Candidates, event: CallEvent): Step {
  const limit = limitHit(candidates, event);
  if (limit !== undefined)
    return { verdict: verdictOf('out-of-scope', limit, ruleNamed(limit).says), candidates };
  const strict = strictBranches(candidates, event);
  return (
    explained(candidates, strict, event) ??
    explained(candidates, [...strict, ...looseBranches(candidates, event)], event) ??
    explainedSilently(candidates, event) ??
    forbidden(candidates, [...strict, ...looseBranches(candidates, event)], event)
  );
}

/**
 * The step where some branch is what was observed. Branches for want of memory count where no strict one explains
 * it, and always where the result was not observed.
 */
function explained(
  candidates: Candidates,
  branches: readonly Branch[],
  event: CallEvent,
): Step | undefined {
  const all = event.ret === undefined ? [...branches, ...looseBranches(candidates, event)] : branches;
  const fitting = all.filter(branch => differencesFrom(candidates, branch, event).length === 0);
  const [first] = fitting;
  if (first === undefined) return undefined;
  const next = advance(
    candidates,
    fitting.map(branch => learn(candidates, branch, event.leaves)),
  );
  if (next.each.length > maxCandidates) {
    const why = `${next.each.length} possible states: observe results or leaves to tell them apart`;
    return { verdict: verdictOf('unknown', 'limit.candidates', why), candidates: narrowed(next) };
  }
  const known = fitting.filter(({ needs }) => needs.length === 0);
  const { rule, why } = first.outcome;
  const verdict = verdictOf(known.length > 0 ? 'allowed' : 'unknown', rule, why, {
    allowed: fitting.map(allowedOutcome),
    isLoose: fitting.every(({ isLoose }) => isLoose),
    needs: known.length > 0 ? [] : first.needs,
  });
  return { verdict, candidates: next };
}

/** With too many candidates: one, in which the leaves they disagree on are unknown. */
function narrowed(candidates: Candidates): Candidates {
  const keys = new Set(candidates.each.flatMap(candidate => [...candidate.keys()]));
  const unknown = [...keys].map(key => [key, 'unknown'] as const);
  return { ...candidates, shared: candidates.shared.with(unknown), each: [new Map()] };
}

/** The leaves that a call names, and those that were seen after it. */
function leavesOf({ name, args, leaves = [] }: CallEvent): readonly { table: Table; address: bigint }[] {
  const count = Number(args.size / PAGE_SIZE) > 64 ? 64 : Number(args.size / PAGE_SIZE);
  const named = Array.from({ length: count }, (_, i) => BigInt(i) * PAGE_SIZE).flatMap(offset => [
    ...(args.hpa === undefined ? [] : [{ table: 'host' as const, address: args.hpa + offset }]),
    ...(args.gpa === undefined || args.vm === undefined || operations[name].names === 'hpa'
      ? []
      : [{ table: args.vm, address: args.gpa + offset }]),
  ]);
  return [...named, ...leaves];
}

function explainedSilently(candidates: Candidates, event: CallEvent): Step | undefined {
  if (candidates.implementation.silent.max === 0) return undefined;
  const found = explainBySilentSteps(candidates, leavesOf(event), after =>
    explained(after, strictBranches(after, event), event),
  );
  return found && withInserted(found.result, found.inserted);
}

const withInserted = ({ verdict, candidates }: Step, inserted: Verdict['inserted']): Step => ({
  verdict: { ...verdict, inserted },
  candidates,
});

/** Nothing explains it: what is nearest, what is different, and what to go on from. */
function forbidden(candidates: Candidates, branches: readonly Branch[], event: CallEvent): Step {
  const ranked = branches
    .map(branch => ({ branch, differences: differencesFrom(candidates, branch, event) }))
    .sort(
      (a, b) =>
        Number(a.branch.isLoose) - Number(b.branch.isLoose) || a.differences.length - b.differences.length,
    );
  const [nearest] = ranked;
  if (nearest === undefined) throw new Error('a set of candidates is never empty');
  const { outcome } = nearest.branch;
  const seen = (event.leaves ?? []).flatMap(({ table, address, word }) =>
    word === undefined ? [] : [[leafKey(table, address), word] as const],
  );
  const { from, writes } = successorOf(nearest.branch);
  const next = advance(candidates, [{ from, writes: [...new Map([...writes, ...seen])] }]);
  const verdict = verdictOf('forbidden', outcome.rule, outcome.why, {
    allowed: branches.map(allowedOutcome),
    differences: nearest.differences,
    resync:
      seen.length > 0
        ? { assumed: 'observed', leaves: seen.length }
        : { assumed: 'allowed', ret: outcome.result },
  });
  return { verdict, candidates: next };
}
