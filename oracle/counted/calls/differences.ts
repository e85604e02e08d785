import { BUG, type CountedOutcome } from '../../../model/pkvm/counted/index.ts';
import { flushesText, rangesText, resultText } from '../text.ts';
import type { CountedDifference } from '../verdict.ts';
import type { CountedCall, SeenOfCall } from './event.ts';
import type { Knowledge } from './knowledge.ts';
import type { CountedModel } from './model.ts';
import { type Held, type Place, type PlaceChange, type PlaceSeen, placeText } from './place.ts';

/** Where what was seen of a call is not what the model makes of it; the machine is as the call leaves it. */
function* differencesIn(
  model: CountedModel,
  knowledge: Knowledge,
  { seen }: CountedCall,
  outcome: CountedOutcome,
  changes: readonly PlaceChange[],
): Generator<CountedDifference> {
  if (seen.result !== undefined && seen.result !== outcome.result)
    yield differs('ret', resultText(seen.result), resultText(outcome.result));
  yield* effectDifferences(seen, outcome);
  if (outcome.result === BUG) return;
  for (const place of seen.places ?? []) {
    const isGuess = !knowledge.isKnown(place.place) && !isWritten(place.place, changes);
    if (!isGuess) yield* placeDifference(model, place);
  }
}

export const differencesOf = (...args: Parameters<typeof differencesIn>): readonly CountedDifference[] => [
  ...differencesIn(...args),
];

const differs = (at: string, observed: string, allowed: string): CountedDifference => ({
  at,
  observed,
  allowed,
});

/** A leaf is written as a whole; a record that nobody knew is as little known after a field of it was changed. */
const isWritten = (place: Place, changes: readonly PlaceChange[]): boolean =>
  place.kind === 'leaf' &&
  changes.some(
    ({ place: changed, size }) =>
      changed.kind === 'leaf' &&
      changed.table === place.table &&
      place.address >= changed.address &&
      place.address < changed.address + size,
  );

/** Where a place is not as it was seen. */
export function* placeDifference(model: CountedModel, seen: PlaceSeen): Generator<CountedDifference> {
  const held = model.at(seen.place);
  const observed = heldSeen(model, seen);
  if (observed !== undefined && !model.agrees(seen.place, observed, held))
    yield differs(placeText(seen.place), model.show(seen.place, observed), model.show(seen.place, held));
}

/** What was seen at a place as the word that stands there; fields that were not seen are as the model has them. */
export function heldSeen(model: CountedModel, { place, word, level, fields }: PlaceSeen): Held | undefined {
  const held = model.at(place);
  if (fields !== undefined) return { word: model.recordWith(word ?? held.word, fields) };
  if (word === undefined) return undefined;
  return { word, ...(level === undefined ? {} : { level }) };
}

function* effectDifferences(seen: SeenOfCall, outcome: CountedOutcome): Generator<CountedDifference> {
  const { flushes, wipes, warnings, needMemcache, bugIn } = seen;
  if (bugIn !== undefined && outcome.result === BUG && bugIn !== outcome.bugIn)
    yield differs('bug_in', bugIn, outcome.bugIn ?? 'no panic');
  if (outcome.result === BUG) return;
  if (flushes !== undefined && flushesText(flushes) !== flushesText(outcome.flushes))
    yield differs('flush', flushesText(flushes), flushesText(outcome.flushes));
  if (wipes !== undefined && rangesText(wipes) !== rangesText(outcome.wipes))
    yield differs('wipe', rangesText(wipes), rangesText(outcome.wipes));
  if (warnings !== undefined && warnings !== outcome.warnings)
    yield differs('warn', String(warnings), String(outcome.warnings));
  if (needMemcache !== undefined && needMemcache !== outcome.needMemcache)
    yield differs('need_mc', String(needMemcache), String(outcome.needMemcache ?? 'none'));
}
