export { type Candidates, candidatesOf, maxCandidates, wordsOf } from './candidates.ts';
export type { NamedCall } from './call-outcomes.ts';
export type {
  AccessEvent,
  CallEvent,
  GapEvent,
  LeafObservation,
  ObserveEvent,
  OracleEvent,
  ViolationEvent,
} from './event.ts';
export type { Word } from './leaf-words.ts';
export { type Machine, pageAt, type Table } from './machine.ts';
export { type Rule, ruleNamed, rulesOf } from './rule.ts';
export { verdictOf } from './step-call.ts';
export { stepWalk, type WalkEvent } from './step-walk.ts';
export { perform, predict, step, type Step } from './step.ts';
export type {
  AllowedOutcome,
  Difference,
  Need,
  Resync,
  SilentStep,
  Verdict,
  VerdictKind,
} from './verdict.ts';
