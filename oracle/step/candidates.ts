import {
  type CallRules,
  isOperationFault,
  type OperationFaultName,
  rulesWith,
} from '../../model/pkvm/index.ts';
import type { Implementation } from '../implementations/index.ts';
import { type LeafKey, leafKey, LeafWords, type Word } from './leaf-words.ts';
import { initialWord, type Machine, type Table } from './machine.ts';

/** One possible state: what it differs in from the words that all candidates share. */
export type Candidate = ReadonlyMap<LeafKey, Word>;

/** At most so many possible states are followed. */
export const maxCandidates = 256;

/**
 * Every state in which the implementation may be, as far as it was observed. A value: `step` gives another one.
 *
 * @property shared what all candidates agree on, beyond the initial words.
 * @property unwritten whether a leaf that no event has written is still as it was in the beginning.
 */
export interface Candidates {
  readonly machine: Machine;
  readonly implementation: Implementation;
  /** What the implementation does wrong, and the rules that come of it. */
  readonly faults: ReadonlySet<OperationFaultName>;
  readonly rules: CallRules;
  readonly shared: LeafWords;
  readonly unwritten: 'initial' | 'unknown';
  readonly each: readonly Candidate[];
}

const untouched: Candidate = new Map();

/** The candidates before the first event. */
export function candidatesOf(machine: Machine, implementation: Implementation): Candidates {
  const faults = implementation.pkvm.deviations.filter(isOperationFault);
  return {
    machine,
    implementation,
    faults: new Set(faults),
    rules: rulesWith(faults),
    shared: LeafWords.none(),
    unwritten: machine.initially === 'unknown' ? 'unknown' : 'initial',
    each: [untouched],
  };
}

/** The same candidates with nothing known of any leaf: events are missing. */
export const forgetAll = (candidates: Candidates): Candidates => ({
  ...candidates,
  shared: LeafWords.none(),
  unwritten: 'unknown',
  each: [untouched],
});

/** The word of a leaf in one candidate. */
export function wordIn(candidates: Candidates, candidate: Candidate, table: Table, address: bigint): Word {
  const key = leafKey(table, address);
  const written = candidate.get(key) ?? candidates.shared.get(key);
  if (written !== undefined) return written;
  return candidates.unwritten === 'unknown' ? 'unknown' : initialWord(candidates.machine, table, address);
}

/** The word of a leaf in every candidate: one answer where they agree. */
export function wordsOf(candidates: Candidates, table: Table, address: bigint): readonly Word[] {
  return [...new Set(candidates.each.map(candidate => wordIn(candidates, candidate, table, address)))];
}

export type Successor = {
  readonly from: Candidate;
  readonly writes: readonly (readonly [LeafKey, Word])[];
};

/** A successor's difference from the shared words, without what is no difference. */
function differences({ from, writes }: Successor, shared: LeafWords): Map<LeafKey, Word> {
  const result = new Map(from);
  for (const [key, word] of writes) {
    if (shared.get(key) === word) result.delete(key);
    else result.set(key, word);
  }
  return result;
}

const identity = (candidate: Candidate): string =>
  [...candidate]
    .map(([key, word]) => `${key}:${word}`)
    .sort()
    .join(' ');

/** The candidates that these steps lead to, each once; what they all agree on becomes shared. */
export function advance(candidates: Candidates, successors: readonly Successor[]): Candidates {
  const [only] = successors;
  if (successors.length === 1 && only !== undefined) {
    const shared = candidates.shared.with([...only.from, ...only.writes]);
    return { ...candidates, shared, each: [untouched] };
  }
  const distinct = new Map<string, Map<LeafKey, Word>>();
  for (const successor of successors) {
    const candidate = differences(successor, candidates.shared);
    distinct.set(identity(candidate), candidate);
  }
  const each = [...distinct.values()];
  const [first] = each;
  if (each.length === 1 && first !== undefined)
    return { ...candidates, shared: candidates.shared.with(first), each: [untouched] };
  const common = [...(first ?? [])].filter(([key, word]) => each.every(other => other.get(key) === word));
  for (const [key] of common) for (const candidate of each) candidate.delete(key);
  return { ...candidates, shared: candidates.shared.with(common), each };
}
