import { operationNames, type OperationName } from '../../model/pkvm/index.ts';
import { rulesOf, type Verdict, type VerdictKind } from '../step/index.ts';

/** How a session went, counted. */
export interface Summary {
  /** Events that were held against the specification. */
  readonly events: number;
  readonly allowed: number;
  readonly forbidden: number;
  readonly unknown: number;
  readonly outOfScope: number;
  /** Allowed only as a failure for want of memory. */
  readonly looseUsed: number;
  /** Calls that nobody logged. */
  readonly silentInserted: number;
}

/** Which rules of which calls the events came by, of all there are. */
export interface Coverage {
  readonly rules: { readonly covered: number; readonly of: number };
  readonly operations: Readonly<
    Record<string, { readonly seen: Readonly<Record<string, number>>; readonly never: readonly string[] }>
  >;
}

const counter: Record<VerdictKind, keyof Summary> = {
  allowed: 'allowed',
  forbidden: 'forbidden',
  unknown: 'unknown',
  'out-of-scope': 'outOfScope',
};

/** Counts verdicts and the rules that they were decided by. */
export class Tally {
  readonly #summary = {
    events: 0,
    allowed: 0,
    forbidden: 0,
    unknown: 0,
    outOfScope: 0,
    looseUsed: 0,
    silentInserted: 0,
  };
  readonly #limits = new Set<string>();
  readonly #seen = new Map<OperationName, Map<string, number>>();

  /** One verdict; `operation` where it was one on a call. */
  add({ verdict, rule, isLoose, inserted }: Verdict, operation?: OperationName): void {
    this.#summary.events++;
    this.#summary[counter[verdict]]++;
    if (rule.startsWith('limit.')) this.#limits.add(rule);
    if (isLoose) this.#summary.looseUsed++;
    this.#summary.silentInserted += inserted.length;
    if (operation !== undefined && (verdict === 'allowed' || verdict === 'forbidden'))
      this.saw(operation, rule);
  }

  /** A call that was decided by this rule, whether or not anyone checked it. */
  saw(operation: OperationName, rule: string): void {
    const rules = this.#seen.get(operation) ?? new Map<string, number>();
    this.#seen.set(operation, rules);
    rules.set(rule, (rules.get(rule) ?? 0) + 1);
  }

  /** The limits that were hit, by the rules that tell of them: what lies beyond them was not checked. */
  get limits(): readonly string[] {
    return [...this.#limits].sort();
  }

  get summary(): Summary {
    return { ...this.#summary };
  }

  get coverage(): Coverage {
    const operations = operationNames.map(name => {
      const all = rulesOf(name);
      const counts = this.#seen.get(name) ?? new Map<string, number>();
      const never = all.filter(rule => !counts.has(rule));
      return { name, all, seen: Object.fromEntries(counts), never };
    });
    const of = operations.reduce((sum, { all }) => sum + all.length, 0);
    const missed = operations.reduce((sum, { never }) => sum + never.length, 0);
    return {
      rules: { covered: of - missed, of },
      operations: Object.fromEntries(operations.map(({ name, seen, never }) => [name, { seen, never }])),
    };
  }
}
