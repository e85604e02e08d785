import { explore as exploreHere } from '../explore.ts';
import type { ExploreOptions } from '../options.ts';
import type { Exploration } from '../system/exploration.ts';
import type { System } from '../system/system.ts';
import { startPool } from './pool.ts';

export interface NodeExploreOptions extends Omit<ExploreOptions, 'save' | 'resume' | 'pool'> {
  /** Where the run is saved now and then, and when it is cut short. Always a whole checkpoint. */
  readonly saveTo?: string;
  /** The file of an earlier run to go on from: `CheckpointRefused` where it is damaged or of another system. */
  readonly resumeFrom?: string;
  /**
   * Threads that expand states, beside the one that commits what they find; 1 where left out: all is done by one.
   * States, depth, counterexamples and coverage are the same for every number.
   */
  readonly workers?: number;
  /** The compiled `worker.ts`, where the checker itself does not run compiled. */
  readonly workerFile?: URL;
}

/** `explore` with threads and files. What files are validated with takes as long to load as a small search. */
export async function explore(system: System, options: NodeExploreOptions = {}): Promise<Exploration> {
  const { workers = 1, workerFile, saveTo, resumeFrom, ...rest } = options;
  if (saveTo !== undefined) await (await import('./checkpoint-file.ts')).assertCanSave(saveTo);
  const pool = workers < 2 ? undefined : startPool(workers, workerFile);
  try {
    return await exploreHere(system, {
      ...rest,
      ...(pool && { pool }),
      ...(saveTo !== undefined && {
        save: async checkpoint =>
          (await import('./checkpoint-file.ts')).writeCheckpoint(saveTo, checkpoint),
      }),
      ...(resumeFrom !== undefined && {
        resume: await (await import('./checkpoint-file.ts')).readCheckpoint(resumeFrom),
      }),
    });
  } finally {
    await pool?.close();
  }
}

export { CheckpointRefused, SaveRefused } from '../saving/snapshot.ts';
