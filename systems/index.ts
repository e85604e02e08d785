export { type DefinedSystem, system, type SystemDefinition, type SystemParts } from './define.ts';
export { loadSystem, loadSystems, systemNames } from './registry.ts';
export {
  type Count,
  count,
  flag,
  oneOf,
  type SizeOf,
  type SizeParameter,
  type SizeParameters,
} from './size.ts';
export type { Mutant, Parameter, Parameters, Profile, SystemFamily } from './system.ts';
export { bestKiller, type Killer, profileOf, type Trial, tryMutant } from './trial.ts';
