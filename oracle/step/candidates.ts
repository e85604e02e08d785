import {
  type CallRules,
  isOperationFault,
  type OperationFaultName,
  rulesWith,
} from '../../model/pkvm/index.ts';
import type { Implementation } from '../implementations/index.ts';
import { LeafWords } from './leaf-words.ts';
import type { LeafRun, Word } from './word.ts';
import { initialWord, type Machine, type Table } from './machine.ts';

/** A leaf's place as a single key, or the kind of a guest under the table `kind`. */
export type PlaceKey = string;

export const placeKey = (table: Table | 'kind', address: bigint | number): PlaceKey =>
  `${table} ${address}`;

/** One possible state of some leaves: what they hold where others do not agree. */
export type Alternative = ReadonlyMap<PlaceKey, Held>;

/** What a place holds in an alternative. The kind of a guest is a word as well: 1 for a protected one. */
export interface Held {
  readonly table: Table | 'kind';
  readonly address: bigint;
  readonly word: Word;
}

/**
 * Possible states of some leaves of which exactly one is so, whatever the others are: two at least, each told by the
 * leaves that they do not agree on.
 */
export type Factor = readonly Alternative[];

/** At most so many possible states of leaves that depend on one another are followed. */
export const maxCandidates = 256;

/**
 * Every state in which the implementation may be, as far as it was observed. A value: `step` gives another one.
 *
 * @property shared what all possible states agree on, beyond the initial words.
 * @property kinds of guests whose kind nobody said: what their calls have shown.
 * @property unwritten whether a leaf that no event has written is still as it was in the beginning.
 * @property factors what they do not agree on. A possible state chooses one alternative of each.
 */
export interface Candidates {
  readonly machine: Machine;
  readonly implementation: Implementation;
  /** What the implementation does wrong, and the rules that come of it. */
  readonly faults: ReadonlySet<OperationFaultName>;
  readonly rules: CallRules;
  readonly shared: LeafWords;
  readonly kinds: ReadonlyMap<number, 'protected' | 'normal'>;
  readonly unwritten: 'initial' | 'unknown';
  readonly factors: readonly Factor[];
}

/** The candidates before the first event. */
export function candidatesOf(machine: Machine, implementation: Implementation): Candidates {
  const faults = implementation.pkvm.deviations.filter(isOperationFault);
  return {
    machine,
    implementation,
    faults: new Set(faults),
    rules: rulesWith(faults),
    shared: LeafWords.none(),
    kinds: new Map(),
    unwritten: machine.initially === 'unknown' ? 'unknown' : 'initial',
    factors: [],
  };
}

/** How many states are possible, as far as a number can say it. */
export const countOf = ({ factors }: Candidates): number =>
  factors.reduce((product, { length }) => product * length, 1);

/** The same candidates with nothing known of any leaf: events are missing. */
export const forgetAll = (candidates: Candidates): Candidates => ({
  ...candidates,
  shared: LeafWords.none(),
  kinds: new Map(),
  unwritten: 'unknown',
  factors: [],
});

/** The word that all alternatives share, or that a leaf had in the beginning. */
export function sharedWord(
  { shared, unwritten, machine }: Candidates,
  table: Table,
  address: bigint,
): Word {
  const written = shared.get(table, address);
  if (written !== undefined) return written;
  return unwritten === 'unknown' ? 'unknown' : initialWord(machine, table, address);
}

/** The word of a leaf in every possible state: one answer where they agree. */
export function wordsOf(candidates: Candidates, table: Table, address: bigint): readonly Word[] {
  const key = placeKey(table, address);
  const factor = candidates.factors.find(one => one.some(alternative => alternative.has(key)));
  const shared = sharedWord(candidates, table, address);
  return [...new Set(factor?.map(alternative => alternative.get(key)?.word ?? shared) ?? [shared])];
}

/** The same candidates with nothing known of these leaves, and nothing of what hangs together with them. */
export function forgetLeaves(
  candidates: Candidates,
  leaves: readonly { readonly table: Table; readonly address: bigint; readonly pages?: number }[],
): Candidates {
  const runs = leaves.map(({ table, address, pages = 1 }): LeafRun => ({
    table,
    address,
    pages,
    word: 'unknown',
  }));
  const { kept, blurred } = without(candidates, held => runs.some(run => covers(run, held)));
  return { ...candidates, shared: candidates.shared.with([...blurred, ...runs]), factors: kept };
}

const covers = ({ table, address, pages }: LeafRun, held: Held): boolean =>
  held.table === table && held.address >= address && held.address < address + BigInt(pages) * 4096n;

/** The factors that say nothing of a place, and what is left of the others: that nobody knows those leaves. */
export function without(
  { factors }: Pick<Candidates, 'factors'>,
  isMeant: (held: Held) => boolean,
): { readonly kept: readonly Factor[]; readonly blurred: readonly LeafRun[] } {
  const kept: Factor[] = [];
  const blurred: LeafRun[] = [];
  for (const factor of factors) {
    if (factor.some(alternative => [...alternative.values()].some(isMeant)))
      blurred.push(...unknownIn(factor));
    else kept.push(factor);
  }
  return { kept, blurred };
}

/** The leaves of a factor, of which then nobody knows anything. */
export function unknownIn(factor: Factor): readonly LeafRun[] {
  const places = new Map(factor.flatMap(alternative => [...alternative]));
  return [...places.values()].flatMap(({ table, address }) =>
    table === 'kind' ? [] : [{ table, address, pages: 1, word: 'unknown' as const }],
  );
}

/** What all of these agree on beside their leaves: the leaves in which they differ are for the caller to forget. */
export function unionOf(one: Candidates, others: readonly Candidates[]): Candidates {
  const kept = one.factors.filter(factor => others.every(({ factors }) => factors.includes(factor)));
  const open = one.factors.filter(factor => !kept.includes(factor));
  const strange = others.flatMap(({ factors }) => factors.filter(factor => !kept.includes(factor)));
  return {
    ...one,
    shared: one.shared.with([...open, ...strange].flatMap(unknownIn)),
    kinds: new Map(
      [...one.kinds].filter(([vm, kind]) => others.every(({ kinds }) => kinds.get(vm) === kind)),
    ),
    factors: kept,
  };
}
