import type { Flush, Wipe } from './outcome.ts';

/** What a call does beside changing the machine, as it comes about. */
export interface Effects {
  readonly flushes: Flush[];
  readonly wipes: Wipe[];
  readonly firmware: Wipe[];
  warnings: number;
  /** What is returned where every step is done. */
  result: number;
}

export const noEffects = (): Effects => ({ flushes: [], wipes: [], firmware: [], warnings: 0, result: 0 });
