import { operationNames } from '../../model/pkvm/index.ts';
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

/** Two sessions counted as one. */
export const sumOf = (a: Summary, b: Summary): Summary => ({
  events: a.events + b.events,
  allowed: a.allowed + b.allowed,
  forbidden: a.forbidden + b.forbidden,
  unknown: a.unknown + b.unknown,
  outOfScope: a.outOfScope + b.outOfScope,
  looseUsed: a.looseUsed + b.looseUsed,
  silentInserted: a.silentInserted + b.silentInserted,
});

const counter: Record<VerdictKind, keyof Summary> = {
  allowed: 'allowed',
  forbidden: 'forbidden',
  unknown: 'unknown',
  'out-of-scope': 'outOfScope',
};

/** What of a verdict is counted. */
export type Counted = Pick<Verdict, 'verdict' | 'rule' | 'isLoose'> & {
  readonly inserted: readonly unknown[];
};

/** Every rule by which a call of each operation can end. */
export type RulesByOperation = ReadonlyMap<string, readonly string[]>;

const rulesOfSeed: RulesByOperation = new Map(operationNames.map(name => [name, rulesOf(name)]));

/** Counts verdicts and the rules that they were decided by. */
export class Tally {
  readonly #rules: RulesByOperation;
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
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(rules: RulesByOperation = rulesOfSeed) {
    this.#rules = rules;
  }

  /** One verdict; `operation` where it was one on a call. */
  add({ verdict, rule, isLoose, inserted }: Counted, operation?: string): void {
    this.#summary.events++;
    this.#summary[counter[verdict]]++;
    if (rule.startsWith('limit.')) this.#limits.add(rule);
    if (isLoose) this.#summary.looseUsed++;
    this.#summary.silentInserted += inserted.length;
    if (operation !== undefined && (verdict === 'allowed' || verdict === 'forbidden'))
      this.saw(operation, rule);
  }

  /** A call that was decided by this rule, whether or not anyone checked it. */
  saw(operation: string, rule: string): void {
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
    const operations = [...this.#rules].map(([name, all]) => {
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
