export { audit, type Audit, type AuditInput, rangesOf, readSppt, readTable } from './audit/index.ts';
export {
  type CheckOptions,
  checkTrace,
  explainImplementations,
  reproduce,
  type TraceReport,
} from './trace/index.ts';
export {
  type Implementation,
  implementationNamed,
  implementations,
  implementationSchema,
  hashOf,
  normative,
} from './implementations/index.ts';
export { Conversation, type Summary } from './conversation/index.ts';
export type { Answer } from './protocol/operation.ts';
export { Session } from './protocol/session.ts';
export {
  type AllowedOutcome,
  type CallEvent,
  type Candidates,
  candidatesOf,
  type LeafObservation,
  type Machine,
  type OracleEvent,
  perform,
  predict,
  type Step,
  step,
  type Verdict,
} from './step/index.ts';
