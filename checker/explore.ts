import type { ExploreOptions } from './options.ts';
import { report } from './report/report.ts';
import { Run } from './run.ts';
import type { Exploration } from './system/exploration.ts';
import type { System } from './system/system.ts';

/**
 * Explores every reachable state of a system, breadth first, and says what it found. Exact: no fingerprint stands for
 * a state. The same system gives the same counts, verdicts and traces on every run.
 *
 * @throws Error where an action or a property is not a function of what it reads, or uses a slot that is not there
 */
export async function explore(system: System, options: ExploreOptions = {}): Promise<Exploration> {
  const run = new Run(system, options);
  await run.levels();
  if (run.limits.bound === 'depth' || run.limits.bound === 'states') run.checkFrontier();
  const coverage = run.coverage();
  if (run.isExhaustive) await run.findTraps();
  return report(run, coverage);
}
