export {
  checkRecording,
  type RecordingFinding,
  recordingFormatOf,
  recordingFormats,
  type RecordingReport,
} from './check-recording.ts';
export {
  type CountedImplementation,
  countedImplementationNamed,
  countedImplementations,
} from './implementation.ts';
export type { JudgedCall, RecordingFormat } from './recording.ts';
export type { CallVerdict, CountedDifference, CountedRule } from './verdict.ts';
