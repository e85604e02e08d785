export { type Access, type AccessKind, accessKinds, guestAccess, touchedSubPages } from './access.ts';
export {
  capabilitiesOf,
  capabilityWords,
  controlsOf,
  EptVpidCapability,
  SecondaryControls,
  secondaryControlsVmcsEncoding,
  secondaryControlWords,
} from './capability.ts';
export { ExitReason, exitReasonName, kvmExitReasons, walkIsNotTheCause } from './exit-reason.ts';
export type { Check, Checks, Condition, Conditions } from './check.ts';
export {
  type Capabilities,
  type Controls,
  type Cpu,
  type CpuChoice,
  type CpuState,
  cpuWith,
} from './cpu.ts';
export { type Demand, demandOf } from './demand.ts';
export { type DescribedEntry, describeEntry, memoryTypeName } from './explain/describe.ts';
export {
  EptMemoryType,
  EptPde,
  EptPde2M,
  EptPdpte,
  EptPdpte1G,
  EptPml4e,
  EptPml5e,
  EptPte,
} from './entry.ts';
export { Eptp, eptpVmcsEncoding } from './eptp.ts';
export { explainEntry } from './explain/entry.ts';
export {
  type ExplainedBit,
  explainExit,
  type Explanation,
  type WalkExitReason,
  walkExitReasons,
} from './explain/exit.ts';
export { headline } from './explain/headline.ts';
export { type DecidingWord, powerOfTwo, whyBits, type WhyBits } from './explain/why-bits.ts';
export { type Decision, explainNoException, explainOutcome } from './explain/outcome.ts';
export { faults } from './faults/index.ts';
export {
  GuestPhysicalAddress,
  isGuestPhysicalAddress,
  pageBytes,
  subPageBytes,
} from './guest-physical-address.ts';
export { entryAddress, eptLevels, type Level, levelsFrom, type PageSize, pageSizeBytes } from './level.ts';
export {
  misconfigurations,
  type MisconfigurationReason,
  type PresentEntry,
  reservedMask,
} from './misconfiguration.ts';
export type {
  Allowed,
  EptMisconfig,
  EptViolation,
  Outcome,
  OutcomeKind,
  PmlFull,
  SppMisconfig,
  SppMiss,
  Unknown,
  ViolationCause,
  VirtualizationException,
  VmEntryFail,
} from './outcome.ts';
export { outcomeJson } from './outcome-json.ts';
export { type MissingRight, missingRights } from './permission.ts';
export {
  PmlFullQualification,
  type Qualification,
  ViolationQualification,
  violationQualification,
} from './qualification.ts';
export { PageAddress } from './page-address.ts';
export { readings } from './readings.ts';
export { allGive, isPresent, mapsPage, type Right } from './rights.ts';
export { normative, rulesWith, type WalkFault, type WalkRules } from './rules.ts';
export { translate } from './translate.ts';
export {
  type Convertible,
  isVeInfoFree,
  type VeCondition,
  veConditions,
  VeInfoHeader,
  virtualizationExceptionVector,
} from './virtualization-exception.ts';
export { type EntryCheck, entryChecks, type EntryField } from './vm-entry.ts';
export type { MappedPage, WalkRead } from './translation.ts';
