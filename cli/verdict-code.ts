import type { Exploration } from '../checker/index.ts';
import { Exit, type ExitCode } from './exit.ts';

/**
 * The exit code of a run. A violated property comes before a disagreement, which comes before a deadlock, an
 * unreached witness and a bound: what says most about the system is what the code says.
 */
export function verdictCode(found: Exploration): ExitCode {
  const violated = found.properties
    .filter(({ verdict }) => verdict === 'violated')
    .map(({ property }) => property.kind);
  if (violated.includes('always') || violated.includes('step')) return Exit.violated;
  if (violated.includes('recoverable')) return Exit.unrecoverable;
  if (found.twin?.disagreement !== undefined) return Exit.twinDisagrees;
  if (found.deadlock.trace !== undefined) return Exit.deadlock;
  if (found.bound !== undefined) return Exit.partial;
  if (found.properties.some(({ verdict }) => verdict === 'not reached')) return Exit.notReached;
  return Exit.ok;
}
