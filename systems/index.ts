import { hypercallSmp } from './hypercall-smp/index.ts';
import { isolation } from './isolation/index.ts';
import { nestedState } from './nested-state/index.ts';
import { ownership } from './ownership/index.ts';
import { sppWalkSystem } from './spp-walk/index.ts';
import { vpAssistPage } from './vp-assist-page/index.ts';
import { sppKvm } from './spp-kvm/index.ts';
import type { SystemFamily } from './system.ts';

export type { Mutant, Parameter, Parameters, Profile, SystemFamily } from './system.ts';
export { bestKiller, type Killer, profileOf, type Trial, tryMutant } from './trial.ts';

/** Every system there is, in the order in which `check` runs them. */
export const systems: readonly SystemFamily[] = [
  ownership,
  isolation,
  hypercallSmp,
  sppWalkSystem,
  nestedState,
  vpAssistPage,
  sppKvm,
];
