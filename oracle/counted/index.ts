export {
  checkRecording,
  type KnownFormat,
  type RecordingFinding,
  recordingFormatOf,
  type RecordingReport,
} from './check-recording.ts';
export {
  type Arm64Implementation,
  type CountedImplementation,
  type X86Implementation,
  countedImplementationNamed,
  countedImplementations,
} from './implementation.ts';
export type { JudgedCall } from './recording.ts';
export type { CallVerdict, CountedDifference, CountedRule } from './verdict.ts';
