export { type Arm64Audit, type Arm64AuditInput, auditArm64 } from './audit.ts';
export { type Arm64Anomaly } from './findings.ts';
export { type KernelEvidence, kernelLeft, kernelsOf } from './find-kernel.ts';
export { ramFrom, ramMapped } from './find-ram.ts';
export { guestStateOf, hostMeaningOf, type HostLeafMeaning, isPoisoned } from './meaning.ts';
export { readStage2, type Stage2Leaf, type Stage2Reading } from './read-stage2.ts';
export { type Records, recordOf } from './records.ts';
