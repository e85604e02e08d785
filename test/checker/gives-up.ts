import type { Action, System } from '../../checker/index.ts';

/**
 * A system whose own code gives its run up, when it has run so often: however fast the machine is, the run ends in the
 * same place.
 */
export function givesUp(system: System, afterRuns: number): { system: System; signal: AbortSignal } {
  const caller = new AbortController();
  let runs = 0;
  const actions = system.actions.map((action): Action => {
    const run: Action['run'] = (read, write) => {
      if (++runs === afterRuns) caller.abort();
      return action.run(read, write);
    };
    return { ...action, run };
  });
  return { system: { ...system, actions }, signal: caller.signal };
}
