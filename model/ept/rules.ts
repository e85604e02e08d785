import { type Access, touchedSubPages } from './access.ts';
import type { Cpu } from './cpu.ts';
import { type Demand, demandOf } from './demand.ts';
import { flagUpdates, isLogFull } from './flags.ts';
import { misconfigurations } from './misconfiguration.ts';
import { missingRights } from './permission.ts';
import { violationQualification } from './qualification.ts';
import { isPresent, type Rights } from './rights.ts';
import { isVeInfoFree, veConditions } from './virtualization-exception.ts';
import { entryChecks } from './vm-entry.ts';
import { sppConditions } from '../sppt/eligibility.ts';
import { permitsWrite, spptEntryClass, type SpptLevel, vectorReservedBits } from '../sppt/walk.ts';

/**
 * Every decision of a walk, each as one named question. `normative` answers as our sources do; a reading (another
 * way to understand the sources) and a fault (a bug to be caught) replace single answers. See `readings.ts`.
 */
export interface WalkRules {
  readonly entryChecks: typeof entryChecks;
  readonly misconfigurations: typeof misconfigurations;
  readonly sppConditions: typeof sppConditions;
  readonly veConditions: typeof veConditions;
  readonly demandOf: typeof demandOf;
  readonly missingRights: typeof missingRights;
  readonly violationQualification: typeof violationQualification;
  readonly flagUpdates: typeof flagUpdates;
  readonly isLogFull: typeof isLogFull;
  readonly isVeInfoFree: typeof isVeInfoFree;
  isPresent(word: bigint, cpu: Cpu): boolean;
  /**
   * Whether an entry without the right asked for ends the walk there. Normatively none does: a misconfigured entry
   * below an entry without the right is a misconfiguration, not a violation. Facts 1.3: "a permission shortfall
   * does NOT stop it".
   */
  endsWalkEarly(rights: Rights, demand: Demand): boolean;
  spptEntryClass(word: bigint, cpu: Cpu, level: SpptLevel): ReturnType<typeof spptEntryClass>;
  vectorReservedBits(vector: bigint, access: Access): bigint;
  readonly touchedSubPages: typeof touchedSubPages;
  readonly permitsWrite: typeof permitsWrite;
}

/** The rules of the specification. */
export const normative: WalkRules = {
  entryChecks,
  misconfigurations,
  sppConditions,
  veConditions,
  demandOf,
  missingRights,
  violationQualification,
  flagUpdates,
  isLogFull,
  isVeInfoFree,
  isPresent: (word, { controls }) => isPresent(word, controls.mbe),
  endsWalkEarly: () => false,
  spptEntryClass,
  vectorReservedBits,
  touchedSubPages,
  permitsWrite,
};
