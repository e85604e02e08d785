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
export type { Attempt } from './calls/attempt.ts';
export { CountedConversation, type JudgedCounted } from './calls/conversation.ts';
export type { CountedCall, SeenOfCall } from './calls/event.ts';
export type {
  CallArguments,
  CountedGuest,
  CountedMachineFacts,
  CountedModel,
  Memory,
} from './calls/model.ts';
export type { Held, Place, PlaceChange, PlaceSeen } from './calls/place.ts';
