import type { Word } from '../bits/index.ts';

/** The result codes of the page-state API, with the kernel's numbers. */
export const Errno = { EPERM: -1, ENOMEM: -12, EINVAL: -22 } as const;
export type Errno = (typeof Errno)[keyof typeof Errno];

/** `-EPERM` for -1, the number itself for a result that is no errno. */
export function errnoName(result: number): string {
  const found = Object.entries(Errno).find(([, value]) => value === result);
  return found === undefined ? String(result) : `-${found[0]}`;
}

/** One leaf word that a call changes. `table` is the host EPT or a guest's, by its owner id. */
export interface LeafWrite<W extends Word = bigint> {
  readonly table: 'host' | number;
  /** The page's address in that table: hpa in the host EPT, gpa in a guest's. */
  readonly address: bigint;
  readonly before: W;
  readonly after: W | bigint;
}

/**
 * What a call did. A refused call has written nothing: all or nothing is the specification; only a fault
 * (`faults/`) ever gives a result other than 0 beside writes.
 */
export interface CallOutcome<W extends Word = bigint> {
  /** 0, or a negative errno. Faults only: +1, the value of the early code's `WARN_ON`. */
  readonly result: number;
  /** The rule that decided: `complete` for a call that went through, else the name of the check. */
  readonly rule: string;
  /** Why, for a person: the leaf that was looked at and what was expected of it. */
  readonly why: string;
  readonly writes: readonly LeafWrite<W>[];
  /** Pages that must be wiped before the host maps them. */
  readonly wipes: readonly bigint[];
}

export const refused = (result: Errno, rule: string, why: string): CallOutcome<never> => ({
  result,
  rule,
  why,
  writes: [],
  wipes: [],
});
