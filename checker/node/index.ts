import { explore as exploreHere } from '../explore.ts';
import type { ExploreOptions } from '../explore-options.ts';
import type { Exploration } from '../outcome.ts';
import type { System } from '../system.ts';
import { startPool } from './pool.ts';

export interface NodeExploreOptions extends ExploreOptions {
  /**
   * Threads that expand states, beside the one that commits what they find; 1 where left out: all is done by one.
   * States, depth, counterexamples and coverage are the same for every number.
   */
  readonly workers?: number;
  /** The compiled `worker.ts`, where the checker itself does not run compiled. */
  readonly workerFile?: URL;
}

/** `explore` with threads. */
export async function explore(system: System, options: NodeExploreOptions = {}): Promise<Exploration> {
  const { workers = 1, workerFile, ...rest } = options;
  if (workers < 2) return exploreHere(system, rest);
  const pool = startPool(workers, workerFile);
  try {
    return await exploreHere(system, { ...rest, pool });
  } finally {
    await pool.close();
  }
}
