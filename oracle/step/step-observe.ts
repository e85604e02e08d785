import { EptPte } from '../../model/ept/index.ts';
import { advance, type Successor } from './advance.ts';
import { type Alternative, type Candidates, maxCandidates, unknownIn, wordsOf } from './candidates.ts';
import type { AccessEvent, LeafObservation, ObserveEvent } from './event.ts';
import { type Focus, focused } from './focus.ts';
import type { LeafRun } from './word.ts';
import { pageAt } from './machine.ts';
import { leafDifferences, placeName } from './observation.ts';
import { explainBySilentSteps } from './silent.ts';
import { type Step, verdictOf } from './verdict-of.ts';

/** Leaves that were seen, against every possible state: those that have them otherwise are no longer possible. */
export function stepObserve(candidates: Candidates, event: ObserveEvent): Step {
  const looked = focused(candidates, focus => differing(focus, event.leaves));
  if ('tooMany' in looked) {
    const why = `more than ${maxCandidates} possible states of leaves that were seen together`;
    const shared = candidates.shared.with(looked.tooMany.flatMap(unknownIn));
    const factors = candidates.factors.filter(factor => !looked.tooMany.includes(factor));
    const { candidates: next } = stepObserve({ ...candidates, shared, factors }, event);
    return { verdict: verdictOf('unknown', 'limit.candidates', why), candidates: next };
  }
  return (
    consistent(looked.focus, looked.result, event) ??
    silently(candidates, event) ??
    contradicted(looked.focus, looked.result, event)
  );
}

/** Where the leaves that were seen are not those of each possible state. */
type Differing = readonly {
  readonly from: Alternative;
  readonly differences: ReturnType<typeof leafDifferences>;
}[];

const differing = (focus: Focus, leaves: readonly LeafObservation[]): Differing =>
  focus.each.map(from => ({
    from,
    differences: leafDifferences(
      leaves,
      ({ table, address }) => focus.word(from, table, address),
      focus.candidates.implementation.pkvm,
    ),
  }));

function consistent(focus: Focus, found: Differing, { leaves }: ObserveEvent): Step | undefined {
  const fitting = found.filter(({ differences }) => differences.length === 0).map(({ from }) => from);
  if (fitting.length === 0) return undefined;
  const isNews = fitting.some(from =>
    leaves.some(({ table, address }) => focus.word(from, table, address) === 'unknown'),
  );
  const next = advance(
    focus,
    fitting.map(from => learned(focus, from, leaves)),
  );
  const verdict = isNews
    ? verdictOf('unknown', 'observe.leaf', 'nothing was known of a leaf that was seen; now it is')
    : verdictOf('allowed', 'observe.leaf', 'the leaves are what the calls so far made them');
  return { verdict, candidates: next };
}

const learned = (focus: Focus, from: Alternative, leaves: readonly LeafObservation[]): Successor => ({
  from,
  writes: leaves.flatMap(({ table, address, word }): LeafRun[] =>
    word !== undefined && focus.word(from, table, address) === 'unknown'
      ? [{ table, address, pages: 1, word }]
      : [],
  ),
});

function silently(candidates: Candidates, event: ObserveEvent): Step | undefined {
  if (candidates.implementation.silent.max === 0) return undefined;
  const found = explainBySilentSteps(candidates, event.leaves, after => {
    const looked = focused(after, focus => differing(focus, event.leaves));
    return 'tooMany' in looked ? undefined : consistent(looked.focus, looked.result, event);
  });
  return found && { ...found.result, verdict: { ...found.result.verdict, inserted: found.inserted } };
}

function contradicted(focus: Focus, found: Differing, { leaves }: ObserveEvent): Step {
  const [nearest] = [...found].sort((a, b) => a.differences.length - b.differences.length);
  if (nearest === undefined) throw new Error('there is one possible state at least');
  const seen = leaves.flatMap(({ table, address, word }): LeafRun[] =>
    word === undefined ? [] : [{ table, address, pages: 1, word }],
  );
  const { differences } = nearest;
  const [first] = differences;
  return {
    verdict: verdictOf(
      'forbidden',
      'observe.leaf',
      `${first?.at}: ${first?.observed}, not ${first?.allowed}`,
      { differences, resync: { assumed: 'observed', leaves: seen.length } },
    ),
    candidates: advance(focus, [{ from: nearest.from, writes: seen }]),
  };
}

/** An access against the leaf that decides it. */
export function stepAccess(candidates: Candidates, event: AccessEvent): Step {
  const { who, access, address, outcome } = event;
  const page = pageAt(address);
  const words = wordsOf(candidates, who, page);
  const known = words.filter(word => word !== 'unknown');
  const grants = known.map(word => EptPte.get(word, access));
  const place = placeName({ table: who, address: page });
  if (known.length < words.length || (grants.includes(true) && grants.includes(false))) {
    const why = `${place} is not known`;
    return {
      verdict: verdictOf('unknown', 'access.permission', why, { needs: [{ table: who, address: page }] }),
      candidates,
    };
  }
  const expected = grants[0] === true ? 'allowed' : 'violation';
  const why = `${place} ${expected === 'allowed' ? 'grants' : 'does not grant'} the ${access}`;
  if (outcome === undefined || outcome === expected)
    return { verdict: verdictOf('allowed', 'access.permission', why), candidates };
  const differences = [{ at: 'outcome', observed: outcome, allowed: expected }];
  return { verdict: verdictOf('forbidden', 'access.permission', why, { differences }), candidates };
}
