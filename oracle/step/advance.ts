import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import {
  type Alternative,
  type Candidates,
  type Held,
  placeKey,
  type PlaceKey,
  sharedWord,
  without,
} from './candidates.ts';
import type { Focus } from './focus.ts';
import type { LeafRun, Word } from './word.ts';
import { wordAfter } from './word.ts';
import { classOf } from './page-class.ts';

/** What an event makes of one possible state. */
export interface Successor {
  readonly from: Alternative;
  readonly writes: readonly LeafRun[];
  /** The kind of a guest, where only that explains what was seen. */
  readonly kind?: { readonly vm: number; readonly kind: 'protected' | 'normal' };
  /** This guest has changed the leaf of some page that it owns or lends, and nobody knows of which. */
  readonly changedSomePageOf?: number;
}

/** A run of more pages than this is not told apart by alternatives: nobody knows its leaves then. */
const maxAlternativePages = 64;

/** The states that these steps lead to: what they agree on is shared, what they do not becomes a factor. */
export function advance(focus: Focus, successors: readonly Successor[]): Candidates {
  const [only] = successors;
  const isOnly = successors.length === 1 && only !== undefined;
  if (isOnly && changesNothing(focus, only)) return focus.candidates;
  const base = blurred({ ...focus.candidates, factors: focus.outside }, successors);
  if (isOnly) return settled(base, only);
  const long = successors.flatMap(({ writes }) =>
    writes.filter(({ pages }) => pages > maxAlternativePages),
  );
  const start: Candidates = {
    ...base,
    shared: base.shared.with(long.map(run => ({ ...run, word: 'unknown' }))),
  };
  const alternatives = withoutSubsumed(completed(start, successors.map(alternativeOf)));
  return branched(start, alternatives);
}

/** Nothing is written and nothing learned, as by a call that is refused. */
const changesNothing = (focus: Focus, { writes, kind, changedSomePageOf }: Successor): boolean =>
  focus.inside.length === 0 && writes.length === 0 && kind === undefined && changedSomePageOf === undefined;

/** What nobody knows any more where a guest has changed a page that was not named. */
function blurred(candidates: Candidates, successors: readonly Successor[]): Candidates {
  if (successors.every(({ changedSomePageOf }) => changedSomePageOf === undefined)) return candidates;
  const guests = [
    ...new Set(successors.flatMap(({ changedSomePageOf: vm }) => (vm === undefined ? [] : [vm]))),
  ];
  const mayChange = (word: Word): boolean => {
    const found = classOf(word);
    return found === 'borrowed' || guests.some(vm => vm === found);
  };
  const pages = [...guests, 'borrowed' as const].flatMap(one => candidates.shared.hostRuns(one));
  const runs = pages.map(({ page, pages: count }): LeafRun => ({
    table: 'host',
    address: BigInt(page) * PAGE_SIZE,
    pages: count,
    word: 'unknown',
  }));
  const open = without(candidates, held => held.table === 'host' && mayChange(held.word));
  return {
    ...candidates,
    shared: candidates.shared.with([...open.blurred, ...runs]),
    factors: open.kept,
  };
}

/** The one state that is left. */
function settled(base: Candidates, { from, writes, kind }: Successor): Candidates {
  if (from.size === 0 && kind === undefined) return { ...base, shared: base.shared.with(writes) };
  const held = [...from.values()];
  return {
    ...base,
    shared: base.shared.with([...held.flatMap(leafOf), ...writes]),
    kinds: kindsOf(base, [...held, ...(kind === undefined ? [] : [kindHeld(kind)])]),
  };
}

const leafOf = ({ table, address, word }: Held): readonly LeafRun[] =>
  table === 'kind' ? [] : [{ table, address, pages: 1, word }];

const kindHeld = ({ vm, kind }: NonNullable<Successor['kind']>): Held => ({
  table: 'kind',
  address: BigInt(vm),
  word: kind === 'protected' ? 1n : 0n,
});

function kindsOf({ kinds }: Candidates, held: readonly Held[]): Candidates['kinds'] {
  const learned = held.filter(({ table, word }) => table === 'kind' && word !== 'unknown');
  if (learned.length === 0) return kinds;
  return new Map([
    ...kinds,
    ...learned.map(({ address, word }) => [Number(address), word === 1n ? 'protected' : 'normal'] as const),
  ]);
}

/** What a successor's leaves hold, page by page. */
function alternativeOf({ from, writes, kind }: Successor): Map<PlaceKey, Held> {
  const held = new Map(from);
  for (const { table, address, pages, word } of writes) {
    if (pages > maxAlternativePages) continue;
    for (let i = 0; i < pages; i++) {
      const at = address + BigInt(i) * PAGE_SIZE;
      held.set(placeKey(table, at), { table, address: at, word: wordAfter(word, i) });
    }
  }
  if (kind !== undefined) held.set(placeKey('kind', kind.vm), kindHeld(kind));
  return held;
}

/** Every alternative with every place that any of them has. */
function completed(base: Candidates, alternatives: readonly Map<PlaceKey, Held>[]): readonly Alternative[] {
  const all = new Map(alternatives.flatMap(alternative => [...alternative]));
  return alternatives.map(alternative => {
    const full = new Map<PlaceKey, Held>();
    for (const [key, { table, address }] of all) {
      const word = table === 'kind' ? ('unknown' as const) : sharedWord(base, table, address);
      full.set(key, alternative.get(key) ?? { table, address, word });
    }
    return full;
  });
}

/** Whether everything that `a` says may be so is among what `b` says may be so. */
const isWithin = (a: Alternative, b: Alternative): boolean =>
  [...b].every(([key, { word }]) => word === 'unknown' || word === a.get(key)?.word);

/** More alternatives than this are not compared with one another. */
const mostCompared = 64;

const identity = (alternative: Alternative): string =>
  [...alternative].map(([key, { word }]) => `${key}:${word}`).join();

/** Without alternatives that another one holds already: a word that nobody knows stands for all of them. */
function withoutSubsumed(alternatives: readonly Alternative[]): readonly Alternative[] {
  const distinct = [...new Map(alternatives.map(one => [identity(one), one])).values()];
  if (distinct.length > mostCompared) return distinct;
  const kept: Alternative[] = [];
  for (const one of distinct) {
    if (kept.some(other => isWithin(one, other))) continue;
    for (let i = kept.length - 1; i >= 0; i--) {
      const other = kept[i];
      if (other !== undefined && isWithin(other, one)) kept.splice(i, 1);
    }
    kept.push(one);
  }
  return kept;
}

/** Alternatives that are complete and none within another: what they share is said once. */
function branched(base: Candidates, alternatives: readonly Alternative[]): Candidates {
  const [first, ...others] = alternatives;
  if (first === undefined) throw new RangeError('an event leads to one state at least');
  if (others.length === 0) return settled(base, { from: first, writes: [] });
  const common = [...first].filter(([key, { word }]) =>
    others.every(other => other.get(key)?.word === word),
  );
  const agreed = new Set(common.map(([key]) => key));
  const held = common.map(([, one]) => one);
  const factor = alternatives.map(one => new Map([...one].filter(([key]) => !agreed.has(key))));
  return {
    ...base,
    shared: base.shared.with(held.flatMap(leafOf)),
    kinds: kindsOf(base, held),
    factors: [...base.factors, factor],
  };
}
