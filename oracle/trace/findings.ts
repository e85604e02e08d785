import type { Verdict } from '../step/index.ts';
import type { ImplementationReading } from './explain-implementations.ts';
import type { Reproduction } from './reproduction.ts';

/** One event that is not simply allowed. */
export interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  /** The call that it is about. */
  readonly name?: string;
  readonly verdict: Verdict;
  readonly reproduction?: Reproduction;
  readonly implementations?: readonly ImplementationReading[];
}

/** Forbidden events that have one cause: the same rule, broken by the same call in the same way. */
export interface Group {
  readonly rule: string;
  readonly name?: string;
  /** What differs, where it is the result: `0 instead of -EPERM`. */
  readonly difference?: string;
  readonly count: number;
  /** The first lines, counted from 1. */
  readonly lines: readonly number[];
}

/** At most so many findings, and causes, are kept in full. */
const maxFindings = 20;
const maxLines = 20;
const maxGroups = 1000;

const differenceIn = ({ differences }: Verdict): string | undefined => {
  const ret = differences.find(({ at }) => at === 'ret');
  return ret === undefined ? undefined : `${ret.observed} instead of ${ret.allowed}`;
};

const causeOf = ({ name, verdict }: Finding): string =>
  `${name ?? ''} ${verdict.rule} ${differenceIn(verdict) ?? ''}`;

/** The events that are not simply allowed, the first of each cause in full. */
export class Findings {
  readonly #forbidden: Finding[] = [];
  readonly #unknown: Finding[] = [];
  readonly #groups = new Map<string, Omit<Group, 'lines'> & { readonly lines: number[] }>();

  get forbidden(): readonly Finding[] {
    return this.#forbidden;
  }

  get unknown(): readonly Finding[] {
    return this.#unknown;
  }

  get groups(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** Adds a finding. `explain` is asked for more only about the first of its cause, for that takes time. */
  add(finding: Finding, explain: () => Partial<Finding> = () => ({})): void {
    const kind = finding.verdict.verdict;
    if (kind !== 'forbidden' && kind !== 'unknown') return;
    const kept = { ...finding, text: finding.text.slice(0, 400) };
    if (kind === 'unknown') {
      if (this.#unknown.length < maxFindings) this.#unknown.push(kept);
      return;
    }
    const isNew = this.#group(finding);
    if (this.#forbidden.length < maxFindings)
      this.#forbidden.push(isNew ? { ...kept, ...explain() } : kept);
  }

  /** Returns whether the cause is a new one. */
  #group(finding: Finding): boolean {
    const { line, name, verdict } = finding;
    const cause = causeOf(finding);
    const known = this.#groups.get(cause);
    if (known !== undefined) {
      if (known.lines.length < maxLines) known.lines.push(line);
      this.#groups.set(cause, { ...known, count: known.count + 1 });
      return false;
    }
    if (this.#groups.size >= maxGroups) return false;
    const difference = differenceIn(verdict);
    this.#groups.set(cause, {
      rule: verdict.rule,
      ...(name === undefined ? {} : { name }),
      ...(difference === undefined ? {} : { difference }),
      count: 1,
      lines: [line],
    });
    return true;
  }
}
