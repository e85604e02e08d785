import { addressHex, wordHex } from '../../../model/bits/index.ts';
import { BUG, countedErrnoName, type CountedResult } from '../../../model/pkvm/counted/index.ts';
import type { Attempt, CallVerdict, CountedModel, PlaceChange } from '../../counted/index.ts';
import type { Verdict } from '../../step/index.ts';

/** The shapes of answers about machines that count; a contract. u64 are "0x…" strings. */

/** The name of an errno without its sign, `null` for what is none. */
export const countedErrnoOf = (result: CountedResult): string | null =>
  typeof result === 'number' && result < 0 ? countedErrnoName(result).slice(1) : null;

const rangeJson = ({ start, size }: { readonly start: bigint; readonly size: bigint }) => ({
  address: addressHex(start),
  size: addressHex(size),
});

/** At most so many changes are listed one by one. */
const maxListed = 4096;

/** One change: `table` is `record`, `el2`, `host` or the number of a VM. */
const changeJson = (model: CountedModel, { place, size, before, after }: PlaceChange) => ({
  table: place.kind === 'leaf' ? place.table : place.kind,
  address: addressHex(place.address),
  ...(size === 0x1000n ? {} : { size: addressHex(size) }),
  before: wordHex(before.word),
  after: wordHex(after.word),
  ...(after.level === undefined ? {} : { level: after.level }),
  says: model.show(place, after),
});

/** One thing that the implementation may do. */
export function attemptJson(model: CountedModel, { outcome, changes, assumption }: Attempt) {
  const { result, rule, why, bugIn, needMemcache, flushes, wipes, warnings } = outcome;
  const { isProtected, isFinalized } = assumption.vm;
  const isFlushing = model.observes.includes('flushes');
  return {
    ret: result,
    errno: countedErrnoOf(result),
    rule,
    why,
    ...(isProtected === undefined ? {} : { vm: vmText(isProtected, isFinalized) }),
    ...(result === BUG ? { bugIn: bugIn ?? null } : {}),
    ...(needMemcache === undefined ? {} : { needMemcache }),
    ...(isFlushing ? { flushes: flushes.map(({ who, ...range }) => ({ who, ...rangeJson(range) })) } : {}),
    wipes: wipes.map(rangeJson),
    ...(isFlushing ? { warnings } : {}),
    // the hypervisor is gone: what it left half done nobody can look at through it
    writes: result === BUG ? [] : changes.slice(0, maxListed).map(change => changeJson(model, change)),
  };
}

const vmText = (isProtected: boolean, isFinalized: boolean | undefined): string =>
  isProtected ? `protected${isFinalized === false ? ', not final' : ''}` : 'normal';

/** A verdict as an answer shows it; empty parts are left out. */
export const countedVerdictJson = ({ verdict, rule, why, differences, known }: CallVerdict) => ({
  verdict,
  rule: rule.name,
  says: rule.says,
  source: rule.source,
  why,
  ...(differences.length > 0 ? { differences } : {}),
  ...(known === undefined ? {} : { known }),
});

/** The same verdict as reports on traces list them. */
export const verdictFrom = ({ verdict, rule, why, differences, known }: CallVerdict): Verdict => ({
  verdict,
  rule: rule.name,
  says: rule.says,
  source: rule.source,
  why:
    known === undefined ? why : `${why}; the code as built does this: ${known} of facts/pkvm-bugs-2026.md`,
  allowed: [],
  differences,
  isLoose: false,
  inserted: [],
  needs: [],
});
