export { audit, type Audit, type AuditInput, rangesOf, readSppt, readTable } from './audit/index.ts';
export {
  type CheckOptions,
  checkTrace,
  explainDialects,
  reproduce,
  type TraceReport,
} from './check/index.ts';
export { type Dialect, dialectNamed, dialects, dialectSchema, hashOf, normative } from './dialect/index.ts';
export {
  type ByteSource,
  bytesOf,
  combineDumps,
  type Dump,
  type DumpResult,
  linesOf,
  readDump,
} from './dump/index.ts';
export { type Answer, Session, type Summary } from './session/index.ts';
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
export {
  type Cover,
  ownershipSuite,
  type Suite,
  suiteAsC,
  suiteAsJson,
  suiteAsKunit,
  suiteAsKvmUnitTest,
  suiteAsRust,
  suiteOfCalls,
} from './suite/index.ts';
export { walkVectors } from './vectors/walk-vectors.ts';
