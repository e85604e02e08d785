import { isolation } from './isolation/index.ts';
import { ownership } from './ownership/index.ts';
import type { SystemFamily } from './system.ts';

export type { Mutant, Parameter, Parameters, Profile, SystemFamily } from './system.ts';
export { bestKiller, type Killer, profileOf, type Trial, tryMutant } from './trial.ts';

/** Every system there is, in the order in which `check` runs them. */
export const systems: readonly SystemFamily[] = [ownership, isolation];
