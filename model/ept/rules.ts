import type { Word } from '../bits/index.ts';
import { type Fault, withFaults } from '../fault.ts';
import type { MemoryWrite } from '../memory/index.ts';
import { type Access, touchedSubPages } from './access.ts';
import type { Cpu } from './cpu.ts';
import { demandOf } from './demand.ts';
import { flagUpdates, isLogFull, logDirtyPage } from './flags.ts';
import { misconfigurations } from './misconfiguration.ts';
import { entryAddress, pageSizeBytes } from './level.ts';
import { missingRights } from './permission.ts';
import { violationQualification } from './qualification.ts';
import { isPresent } from './rights.ts';
import { isVeInfoFree, veConditions, veInfo } from './virtualization-exception.ts';
import { entryChecks } from './vm-entry.ts';
import type { MappedPage, WalkRead } from './translation.ts';
import type { EptRules } from './walk.ts';
import { sppConditions } from './spp/eligibility.ts';
import { sppQualification } from './spp/qualification.ts';
import { permitsWrite, spptEntryClass, type SppRules, vectorReservedMask } from './spp/walk.ts';

/**
 * Every decision of a walk, each as one named question. `normative` answers as our sources do; a reading (another
 * way to understand the sources) and a fault (a bug to be caught) replace single answers. See `readings.ts`.
 */
export interface WalkRules extends EptRules, SppRules {
  readonly entryChecks: typeof entryChecks;
  readonly sppConditions: typeof sppConditions;
  readonly veConditions: typeof veConditions;
  readonly demandOf: typeof demandOf;
  readonly missingRights: typeof missingRights;
  readonly violationQualification: typeof violationQualification;
  readonly sppQualification: typeof sppQualification;
  readonly flagUpdates: typeof flagUpdates;
  readonly isLogFull: typeof isLogFull;
  readonly logDirtyPage: typeof logDirtyPage;
  readonly isVeInfoFree: typeof isVeInfoFree;
  readonly veInfo: typeof veInfo;
  /** The host-physical address of a byte in a mapped page. */
  hostAddress(page: MappedPage<Word>, guestPhysicalAddress: bigint): bigint;
  /** The guest-physical address that an exit reports. */
  reportedAddress(access: Access): bigint;
  /**
   * The flags that a refused access sets. Normatively none; a processor may set accessed flags speculatively, and
   * never a dirty one.
   */
  refusedUpdates<W extends Word>(
    entries: readonly WalkRead<W>[],
    cpu: Cpu<Word>,
  ): readonly MemoryWrite<W>[];
}

/** One way in which a walk departs from the specification: a reading or a fault. */
export type WalkFault = Fault<WalkRules>;

/** The rules with these readings and faults, the first applied first. */
export const rulesWith = (faults: readonly WalkFault[]): WalkRules => withFaults(normative, faults);

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
  vectorReservedMask,
  sppQualification,
  touchedSubPages,
  permitsWrite,
};
