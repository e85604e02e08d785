/** The error numbers of the page-state API. facts/pkvm-2026.md 1.3, "Error set". */
export const CountedErrno = {
  EPERM: -1,
  ENOENT: -2,
  E2BIG: -7,
  EAGAIN: -11,
  ENOMEM: -12,
  EFAULT: -14,
  EBUSY: -16,
  EINVAL: -22,
  ENOSPC: -28,
  ERANGE: -34,
  EHWPOISON: -133,
} as const;
export type CountedErrno = (typeof CountedErrno)[keyof typeof CountedErrno];

/** The hypervisor is gone: not an error number, because nobody is there to return one. */
export const BUG = 'BUG';
export type Bug = typeof BUG;

/**
 * What an operation returns: 0, 1 for "young", an error number; `null` where it returns nothing; `BUG` where the
 * hypervisor panics.
 */
export type CountedResult = number | null | Bug;

/** A TLB flush: of the host's translations, the IOMMU's with them, or of one guest's. */
export interface Flush {
  readonly who: 'host' | number;
  readonly start: bigint;
  readonly size: bigint;
}

/** Memory that is zeroed. */
export interface Wipe {
  readonly start: bigint;
  readonly size: bigint;
}

/** What a call did beside what it changed in the machine. */
export interface CountedOutcome {
  readonly result: CountedResult;
  /** The rule that decided: the name of a check or of a step, `complete` where everything was done. */
  readonly rule: string;
  /** Why, for a person: what was found and what was needed. */
  readonly why: string;
  readonly flushes: readonly Flush[];
  readonly wipes: readonly Wipe[];
  /** Warnings that the hypervisor printed. */
  readonly warnings: number;
  /** With `-E2BIG`: the pages that the memcache must hold. */
  readonly needMemcache?: number;
  /** With `BUG`: the function that panicked. */
  readonly bugIn?: string;
  /** Firmware that was copied into a page on its way to a guest. */
  readonly firmware?: readonly Wipe[];
}

export const countedErrnoName = (result: CountedResult): string => {
  if (result === null) return 'nothing';
  const found = Object.entries(CountedErrno).find(([, number]) => number === result);
  return found === undefined ? String(result) : `-${found[0]}`;
};
