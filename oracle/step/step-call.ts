import { errnoName, operations, PAGE_SIZE } from '../../model/pkvm/index.ts';
import { advance, type Successor } from './advance.ts';
import { allowedOutcome, type Branch, looseBranches, strictBranches, unsaidBranches } from './branch.ts';
import { type Candidates, type Factor, forgetAll, maxCandidates, unknownIn } from './candidates.ts';
import type { CallEvent, LeafObservation } from './event.ts';
import { type Focus, focused } from './focus.ts';
import type { LeafRun } from './word.ts';
import { wordAfter } from './word.ts';
import { pageAt, type Table } from './machine.ts';
import { leafDifferences } from './observation.ts';
import { RunsOfCall } from './pages-of-call.ts';
import { ruleNamed } from './rule.ts';
import { explainBySilentSteps } from './silent.ts';
import { type Step, verdictOf } from './verdict-of.ts';
import type { Difference, Resync, Verdict } from './verdict.ts';

/** A call with the branches that it may take in every possible state. Those that few need are made when they are. */
class Branches {
  readonly focus: Focus;
  readonly strict: readonly Branch[];
  #others: readonly Branch[] | undefined;
  readonly #event: CallEvent;

  constructor(focus: Focus, event: CallEvent) {
    this.focus = focus;
    this.strict = strictBranches(focus, event);
    this.#event = event;
  }

  /** Failures for want of memory, and refusals for what nobody said of the machine. */
  get others(): readonly Branch[] {
    this.#others ??= [
      ...looseBranches(this.focus, this.#event),
      ...unsaidBranches(this.focus, this.#event),
    ];
    return this.#others;
  }

  get all(): readonly Branch[] {
    return [...this.strict, ...this.others];
  }

  /** The limit that keeps the call from being decided. */
  get limit(): Branch['outcome']['limit'] {
    return this.strict.find(({ outcome }) => outcome.limit !== undefined)?.outcome.limit;
  }
}

/** A call against every possible state. */
export function stepCall(candidates: Candidates, event: CallEvent): Step {
  const looked = focused(candidates, focus => {
    for (const from of focus.each)
      for (const { table, address } of event.leaves ?? []) focus.word(from, table, pageAt(address));
    return new Branches(focus, event);
  });
  if ('tooMany' in looked) return tooMany(candidates, looked.tooMany, event);
  const branches = looked.result;
  if (branches.limit !== undefined) return notFollowed(candidates, event, branches.limit);
  return (
    explained(branches.focus, branches.strict, branches, event) ??
    explained(branches.focus, branches.others, branches, event) ??
    explainedSilently(candidates, event) ??
    forbidden(branches, event)
  );
}

/** How what was observed differs from one branch. */
function differencesFrom(focus: Focus, { outcome, to }: Branch, event: CallEvent): readonly Difference[] {
  const ret: Difference[] =
    event.ret === undefined || event.ret === outcome.result
      ? []
      : [{ at: 'ret', observed: errnoName(event.ret), allowed: errnoName(outcome.result) }];
  if (event.leaves === undefined) return ret;
  const wordAt = (leaf: LeafObservation) =>
    wordInRuns(to.writes, leaf) ?? focus.word(to.from, leaf.table, leaf.address);
  return [...ret, ...leafDifferences(event.leaves, wordAt, focus.candidates.implementation.pkvm)];
}

/** The word that these writes give a leaf; the last one counts. */
function wordInRuns(
  runs: readonly LeafRun[],
  { table, address }: Pick<LeafObservation, 'table' | 'address'>,
) {
  const run = runs.findLast(one => {
    const distance = address - one.address;
    return one.table === table && distance >= 0n && distance < BigInt(one.pages) * PAGE_SIZE;
  });
  return run && wordAfter(run.word, Number((address - run.address) / PAGE_SIZE));
}

/** What a branch leads to, with what was seen filled in where nothing was known. */
function learn(focus: Focus, { to }: Branch, seen: readonly LeafObservation[] = []): Successor {
  const learned = seen.flatMap((leaf): LeafRun[] => {
    const { table, address, word } = leaf;
    const held = wordInRuns(to.writes, leaf) ?? focus.word(to.from, table, address);
    return word !== undefined && held === 'unknown' ? [{ table, address, pages: 1, word }] : [];
  });
  return learned.length === 0 ? to : { ...to, writes: [...to.writes, ...learned] };
}

/**
 * The step where some branch is what was observed. The others count where no strict one explains it, and those for want
 * of memory always where the result was not observed.
 */
function explained(
  focus: Focus,
  branches: readonly Branch[],
  all: Pick<Branches, 'others'>,
  event: CallEvent,
): Step | undefined {
  // few events ask for the others, which take as long as the strict ones
  const loose =
    event.ret === undefined && branches !== all.others ? all.others.filter(({ isLoose }) => isLoose) : [];
  const fitting = [...branches, ...loose].filter(
    branch => differencesFrom(focus, branch, event).length === 0,
  );
  const [first] = fitting;
  if (first === undefined) return undefined;
  const next = advance(
    focus,
    fitting.map(branch => learn(focus, branch, event.leaves)),
  );
  const largest = next.factors.at(-1);
  if (largest !== undefined && largest.length > maxCandidates) {
    const why = `${largest.length} possible states: observe results or leaves to tell them apart`;
    return {
      verdict: verdictOf('unknown', 'limit.candidates', why),
      candidates: narrowed(next, [largest]),
    };
  }
  const known = fitting.filter(({ outcome }) => outcome.needs.length === 0);
  const { rule, why, needs } = first.outcome;
  const verdict = verdictOf(known.length > 0 ? 'allowed' : 'unknown', rule, why, {
    allowed: fitting.map(allowedOutcome),
    isLoose: fitting.every(({ isLoose }) => isLoose),
    needs: known.length > 0 ? [] : needs.slice(0, maxNeeds),
  });
  return { verdict, candidates: next };
}

/** At most so many leaves that would decide are named. */
const maxNeeds = 64;

/** With too many possible states: fewer, in which the leaves that they disagree on are unknown. */
const narrowed = (candidates: Candidates, factors: readonly Factor[]): Candidates => ({
  ...candidates,
  shared: candidates.shared.with(factors.flatMap(unknownIn)),
  factors: candidates.factors.filter(factor => !factors.includes(factor)),
});

function tooMany(candidates: Candidates, factors: readonly Factor[], event: CallEvent): Step {
  const states = factors.reduce((product, { length }) => product * length, 1);
  const why = `${states} possible states: observe results or leaves to tell them apart`;
  const { candidates: next } = stepCall(narrowed(candidates, factors), event);
  return { verdict: verdictOf('unknown', 'limit.candidates', why), candidates: next };
}

/** A call that is too large to follow. What was refused has changed nothing; otherwise nothing is known any more. */
function notFollowed(candidates: Candidates, { ret }: CallEvent, limit: string): Step {
  const hasChangedNothing = ret !== undefined && ret < 0 && candidates.faults.size === 0;
  return {
    verdict: verdictOf('out-of-scope', limit, ruleNamed(limit).says),
    candidates: hasChangedNothing ? candidates : forgetAll(candidates),
  };
}

/** The leaves that a call names, and those that were seen after it. */
function leavesOf({ name, args, leaves = [] }: CallEvent): readonly { table: Table; address: bigint }[] {
  const count = args.size / PAGE_SIZE > 64n ? 64 : Number(args.size / PAGE_SIZE);
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
  const found = explainBySilentSteps(candidates, leavesOf(event), after => {
    const looked = focused(after, focus => new Branches(focus, event));
    return 'tooMany' in looked
      ? undefined
      : explained(looked.focus, looked.result.strict, looked.result, event);
  });
  return found && withInserted(found.result, found.inserted);
}

const withInserted = ({ verdict, candidates }: Step, inserted: Verdict['inserted']): Step => ({
  verdict: { ...verdict, inserted },
  candidates,
});

/**
 * Nothing explains it: what is nearest, what is different, and what to go on from. Leaves that were seen are what they
 * are. Where the implementation refuses what it must do, it may have done it or not; where it does what it must refuse,
 * nobody knows what that leaves in the leaves that it names. So what follows is not condemned for it.
 */
function forbidden({ focus, strict, all }: Branches, event: CallEvent): Step {
  const ranked = all
    .map(branch => ({ branch, differences: differencesFrom(focus, branch, event) }))
    .sort(
      (a, b) =>
        Number(a.branch.isLoose) - Number(b.branch.isLoose) || a.differences.length - b.differences.length,
    );
  const [nearest] = ranked;
  if (nearest === undefined) throw new Error('there is one possible state at least');
  const { outcome, to } = nearest.branch;
  const seen = (event.leaves ?? []).flatMap(({ table, address, word }): LeafRun[] =>
    word === undefined ? [] : [{ table, address, pages: 1, word }],
  );
  const { successors, resync } =
    seen.length > 0
      ? {
          successors: [{ ...to, writes: [...to.writes, ...seen] }],
          resync: { assumed: 'observed' as const, leaves: seen.length },
        }
      : (event.ret ?? 0) < 0
        ? {
            successors: [
              ...strict.map(branch => branch.to),
              ...focus.each.map(from => ({ from, writes: [] })),
            ],
            resync: { assumed: 'either' as const, ret: outcome.result },
          }
        : forgotten(focus, event);
  const verdict = verdictOf('forbidden', outcome.rule, outcome.why, {
    allowed: all.map(allowedOutcome),
    differences: nearest.differences,
    resync,
  });
  return { verdict, candidates: advance(focus, successors) };
}

/** With nothing known of the leaves that a call names, and of the pages that its guest maps there. */
function forgotten(
  focus: Focus,
  event: CallEvent,
): { readonly successors: readonly Successor[]; readonly resync: Resync } {
  const { names } = operations[event.name];
  const { vm } = event.args;
  const successors = focus.each.map((from): Successor => {
    const runs = [...new RunsOfCall(focus, from, event)];
    const writes = runs.flatMap(({ page, pages, isSomePage }): LeafRun[] => [
      ...(isSomePage
        ? []
        : [{ table: 'host' as const, address: page.hpa, pages, word: 'unknown' as const }]),
      ...(names === 'hpa' ? [] : [{ table: page.vm, address: page.gpa, pages, word: 'unknown' as const }]),
    ]);
    const isOpen = vm !== undefined && runs.some(({ isSomePage }) => isSomePage);
    return { from, writes, ...(isOpen ? { changedSomePageOf: vm } : {}) };
  });
  const leaves = Math.max(
    ...successors.map(({ writes }) => writes.reduce((sum, { pages }) => sum + pages, 0)),
  );
  return { successors, resync: { assumed: 'unknown', leaves } };
}
