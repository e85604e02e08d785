import type { System } from '../../checker/index.ts';
import type { RecordedTrace } from '../../graphs/recorded-trace.ts';
import { familyNamed, systemOf } from '../choice.ts';

/** The system that a trace runs in, built as the trace says. @throws CommandError for one that there is not. */
export async function tracedSystem({
  system,
  profile,
  parameters,
  mutant,
}: RecordedTrace): Promise<System> {
  const family = await familyNamed(system);
  return systemOf({ family, profile: profile ?? 'custom', about: '', parameters }, mutant);
}
