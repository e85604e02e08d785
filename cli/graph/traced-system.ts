import type { System } from '../../checker/index.ts';
import type { RecordedTrace } from '../../graphs/recorded-trace.ts';
import { familyNamed, systemOf } from '../choice.ts';
import { CommandError, Exit } from '../exit.ts';

/**
 * The system that a trace runs in, built as the trace says: its sizes are held to the same ranges as those of `--set`.
 *
 * @throws CommandError (bad input) naming the file, for a system, a size or a mutant that there is not.
 */
export async function tracedSystem(
  { system, profile, parameters, mutant }: RecordedTrace,
  file: string,
): Promise<System> {
  try {
    const family = await familyNamed(system);
    return systemOf({ family, profile: profile ?? 'custom', about: '', parameters }, mutant);
  } catch (error) {
    if (error instanceof CommandError && error.code === Exit.usage)
      throw new CommandError(Exit.badInput, `${file}: ${error.message}`);
    throw error;
  }
}
