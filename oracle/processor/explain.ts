import type { Cpu } from '../../model/ept/index.ts';
import type { IntelMachineEntry } from '../../evidence/records/intel-machine.ts';
import { type Cause, causes, rulesOf } from './causes.ts';
import { differencesOf, type ProcessorDifference } from './compare.ts';
import { expectedOf, type ProcessorRules } from './expected.ts';

/** One VM entry, and the processor that it was made on. */
export interface JudgedEntry {
  /** The line of the file, counted from 1. */
  readonly line: number;
  readonly entry: IntelMachineEntry;
  readonly cpu: Cpu;
  readonly differences: readonly ProcessorDifference[];
}

/** Entries that differ from the specification, and why. */
export interface DifferenceGroup {
  /** Readings and faults under which the difference disappears: one, or all that were found together; none known. */
  readonly causes: readonly Cause[];
  readonly entries: readonly JudgedEntry[];
  /** Entries that agree with the specification, and would not under this cause alone. */
  readonly contradicted: number;
}

export const judgeEntry = (
  line: number,
  entry: IntelMachineEntry,
  cpu: Cpu,
  rules: ProcessorRules,
): JudgedEntry => ({ line, entry, cpu, differences: differencesOf(entry, expectedOf(entry, cpu, rules)) });

const agreesUnder = ({ entry, cpu }: JudgedEntry, rules: ProcessorRules): boolean =>
  differencesOf(entry, expectedOf(entry, cpu, rules)).length === 0;

/** A cause that explains something, and how many agreeing entries it contradicts: counted when it is asked for. */
class Candidate {
  readonly cause: Cause;
  readonly explained: ReadonlySet<JudgedEntry>;
  readonly #agreeing: readonly JudgedEntry[];
  #contradicted: number | undefined;

  constructor(cause: Cause, explained: ReadonlySet<JudgedEntry>, agreeing: readonly JudgedEntry[]) {
    this.cause = cause;
    this.explained = explained;
    this.#agreeing = agreeing;
  }

  /** Counted as far as it can still explain more than it contradicts. */
  get contradicted(): number {
    this.#contradicted ??= this.#count();
    return this.#contradicted;
  }

  #count(): number {
    const rules = rulesOf([this.cause]);
    let count = 0;
    for (const entry of this.#agreeing) {
      if (count >= this.explained.size) break;
      if (!agreesUnder(entry, rules)) count++;
    }
    return count;
  }

  explains(left: readonly JudgedEntry[]): number {
    return left.filter(entry => this.explained.has(entry)).length;
  }
}

/** The candidate that explains most of what is left beyond what it contradicts; the first of several. */
function bestOf(candidates: readonly Candidate[], left: readonly JudgedEntry[]): Candidate | undefined {
  const byReach = candidates
    .map(candidate => ({ candidate, reach: candidate.explains(left) }))
    .sort((one, other) => other.reach - one.reach);
  let [best, gain]: [Candidate | undefined, number] = [undefined, 0];
  for (const { candidate, reach } of byReach) {
    if (reach <= gain) break;
    if (reach - candidate.contradicted > gain) [best, gain] = [candidate, reach - candidate.contradicted];
  }
  return best;
}

/**
 * Groups what differs by why: as few causes as explain it, each the one that explains most of what is left and
 * contradicts least of what agrees. What needs two of those comes after them, what nothing known explains last, by
 * what is different.
 */
export function groupsOf(
  differing: readonly JudgedEntry[],
  agreeing: readonly JudgedEntry[],
): readonly DifferenceGroup[] {
  const groups: DifferenceGroup[] = [];
  let left = differing;
  const take = (
    taken: readonly Cause[],
    contradicted: number,
    isTaken: (entry: JudgedEntry) => boolean,
  ) => {
    const entries = left.filter(isTaken);
    if (entries.length > 0) groups.push({ causes: taken, entries, contradicted });
    left = left.filter(entry => !isTaken(entry));
  };
  const candidates = causes.flatMap(cause => {
    const rules = rulesOf([cause]);
    const explained = new Set(differing.filter(entry => agreesUnder(entry, rules)));
    return explained.size === 0 ? [] : [new Candidate(cause, explained, agreeing)];
  });
  for (;;) {
    const best = bestOf(candidates, left);
    if (best === undefined) break;
    take([best.cause], best.contradicted, entry => best.explained.has(entry));
  }
  const found = groups.flatMap(group => group.causes);
  for (const [at, one] of found.entries())
    for (const other of found.slice(at + 1)) {
      const rules = rulesOf([one, other]);
      take([one, other], 0, entry => agreesUnder(entry, rules));
    }
  return [...groups, ...unexplained(left)];
}

/** What nothing known explains, by what is different. */
function unexplained(left: readonly JudgedEntry[]): readonly DifferenceGroup[] {
  const byText = new Map<string, JudgedEntry[]>();
  for (const entry of left) {
    const text = entry.differences
      .map(({ at, observed, allowed }) =>
        at === 'outcome' ? `${observed} for ${allowed}` : at.split(' ')[0],
      )
      .join(', ');
    byText.set(text, [...(byText.get(text) ?? []), entry]);
  }
  return [...byText.values()].map(entries => ({ causes: [], entries, contradicted: 0 }));
}
