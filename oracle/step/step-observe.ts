import { EptPte } from '../../model/ept/index.ts';
import { advance, type Candidate, type Candidates, type Successor, wordIn } from './candidates.ts';
import type { AccessEvent, LeafObservation, ObserveEvent } from './event.ts';
import { leafKey } from './leaf-words.ts';
import { leafDifferences, placeName } from './observation.ts';
import { explainBySilentSteps } from './silent.ts';
import { type Step, verdictOf } from './step-call.ts';

/** Leaves that were seen, against every possible state: those that have them otherwise are no longer possible. */
export function stepObserve(candidates: Candidates, event: ObserveEvent): Step {
  return consistent(candidates, event) ?? silently(candidates, event) ?? contradicted(candidates, event);
}

function differing(candidates: Candidates, candidate: Candidate, leaves: readonly LeafObservation[]) {
  const wordAt = ({ table, address }: LeafObservation) => wordIn(candidates, candidate, table, address);
  return leafDifferences(leaves, wordAt, candidates.implementation.pkvm);
}

function consistent(candidates: Candidates, { leaves }: ObserveEvent): Step | undefined {
  const fitting = candidates.each.filter(
    candidate => differing(candidates, candidate, leaves).length === 0,
  );
  if (fitting.length === 0) return undefined;
  const isNews = fitting.some(candidate =>
    leaves.some(({ table, address }) => wordIn(candidates, candidate, table, address) === 'unknown'),
  );
  const next = advance(
    candidates,
    fitting.map(from => learned(candidates, from, leaves)),
  );
  const verdict = isNews
    ? verdictOf('unknown', 'observe.leaf', 'nothing was known of a leaf that was seen; now it is')
    : verdictOf('allowed', 'observe.leaf', 'the leaves are what the calls so far made them');
  return { verdict, candidates: next };
}

function learned(candidates: Candidates, from: Candidate, leaves: readonly LeafObservation[]): Successor {
  const writes = leaves.flatMap(({ table, address, word }) =>
    word !== undefined && wordIn(candidates, from, table, address) === 'unknown'
      ? [[leafKey(table, address), word] as const]
      : [],
  );
  return { from, writes };
}

function silently(candidates: Candidates, event: ObserveEvent): Step | undefined {
  if (candidates.implementation.silent.max === 0) return undefined;
  const found = explainBySilentSteps(candidates, event.leaves, after => consistent(after, event));
  return found && { ...found.result, verdict: { ...found.result.verdict, inserted: found.inserted } };
}

function contradicted(candidates: Candidates, { leaves }: ObserveEvent): Step {
  const [nearest] = candidates.each
    .map(candidate => ({ candidate, differences: differing(candidates, candidate, leaves) }))
    .sort((a, b) => a.differences.length - b.differences.length);
  if (nearest === undefined) throw new Error('a set of candidates is never empty');
  const seen = leaves.flatMap(({ table, address, word }) =>
    word === undefined ? [] : [[leafKey(table, address), word] as const],
  );
  const [first] = nearest.differences;
  return {
    verdict: verdictOf(
      'forbidden',
      'observe.leaf',
      `${first?.at}: ${first?.observed}, not ${first?.allowed}`,
      {
        differences: nearest.differences,
        resync: { assumed: 'observed', leaves: seen.length },
      },
    ),
    candidates: advance(candidates, [{ from: nearest.candidate, writes: seen }]),
  };
}

/** An access against the leaf that decides it. */
export function stepAccess(candidates: Candidates, event: AccessEvent): Step {
  const { who, access, address, outcome } = event;
  const page = address - (address % 4096n);
  const words = candidates.each.map(candidate => wordIn(candidates, candidate, who, page));
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
