import type { MemoryWrite } from '../memory/index.ts';
import { type Access, touchedSubPages } from './access.ts';
import type { Cpu } from './cpu.ts';
import { type Demand, demandOf } from './demand.ts';
import { flagUpdates, isLogFull, logDirtyPage } from './flags.ts';
import { misconfigurations } from './misconfiguration.ts';
import { entryAddress, pageSizeBytes } from './level.ts';
import { missingRights } from './permission.ts';
import { violationQualification } from './qualification.ts';
import { isPresent, type Rights } from './rights.ts';
import { isVeInfoFree, veConditions, veInfo } from './virtualization-exception.ts';
import { entryChecks } from './vm-entry.ts';
import type { MappedPage, WalkRead } from './walk.ts';
import { sppConditions } from '../sppt/eligibility.ts';
import { sppQualification } from '../sppt/qualification.ts';
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
  readonly logDirtyPage: typeof logDirtyPage;
  readonly isVeInfoFree: typeof isVeInfoFree;
  readonly veInfo: typeof veInfo;
  readonly entryAddress: typeof entryAddress;
  /** The host-physical address of a byte in a mapped page. */
  hostAddress(page: MappedPage, guestPhysicalAddress: bigint): bigint;
  /** The guest-physical address that an exit reports. */
  reportedAddress(access: Access): bigint;
  /**
   * The flags that a refused access sets. Normatively none; a processor may set accessed flags speculatively, and
   * never a dirty one.
   */
  refusedUpdates(entries: readonly WalkRead[], cpu: Cpu): readonly MemoryWrite[];
  isPresent(word: bigint, cpu: Cpu): boolean;
  /**
   * Whether an entry without the right asked for ends the walk there. Normatively none does: a misconfigured entry
   * below an entry without the right is a misconfiguration, not a violation. Facts 1.3: "a permission shortfall
   * does NOT stop it".
   */
  endsWalkEarly(rights: Rights, demand: Demand): boolean;
  spptEntryClass(word: bigint, cpu: Cpu, level: SpptLevel): ReturnType<typeof spptEntryClass>;
  /** Whether a vector is a miss. Normatively none is: an L1E has no valid bit, and zero denies every sub-page. */
  vectorMisses(vector: bigint): boolean;
  vectorReservedBits(vector: bigint, access: Access): bigint;
  readonly sppQualification: typeof sppQualification;
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
  logDirtyPage,
  isVeInfoFree,
  veInfo,
  entryAddress,
  hostAddress: ({ page, pageSize }, gpa) => page + (gpa % pageSizeBytes[pageSize]),
  reportedAddress: ({ gpa }) => gpa,
  refusedUpdates: () => [],
  isPresent: (word, { controls }) => isPresent(word, controls.mbe),
  endsWalkEarly: () => false,
  spptEntryClass,
  vectorMisses: () => false,
  vectorReservedBits,
  sppQualification,
  touchedSubPages,
  permitsWrite,
};
