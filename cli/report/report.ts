/** How one sentence, mutant or event went. What is not known is `unknown`, which no form shows as passed. */
export interface Case {
  /** The run that it belongs to: `ownership/2p2g2k`, or a file. */
  readonly suite: string;
  /** What was asked, as a sentence. */
  readonly name: string;
  /** The short name that reports cite: a sentence's id, a rule. */
  readonly rule: string;
  readonly outcome: 'passed' | 'failed' | 'unknown';
  /** Why it did not pass, in one line. */
  readonly message?: string;
  /** The path to it, or what else a person wants to read. */
  readonly details?: readonly string[];
  readonly source?: string;
  /** Where in a file of the person's own. */
  readonly place?: { readonly file: string; readonly line?: number };
}

/** The result of a command, for the tools that gate merges. */
export interface Report {
  /** `pagewarden check`. */
  readonly tool: string;
  readonly cases: readonly Case[];
}

/** The cases by suite, in the order in which the suites began. */
export function suitesOf({ cases }: Report): ReadonlyMap<string, readonly Case[]> {
  const suites = new Map<string, Case[]>();
  for (const one of cases) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one]);
  return suites;
}

export const countOf = (cases: readonly Case[], outcome: Case['outcome']): number =>
  cases.filter(one => one.outcome === outcome).length;

/** What a person reads of a case that did not pass: why, the path, and where the rule is written. */
export const bodyOf = ({ message = '', details = [], source }: Case): string =>
  [message, ...details, ...(source === undefined ? [] : [`source: ${source}`])]
    .filter(line => line !== '')
    .join('\n');
