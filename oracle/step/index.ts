export {
  type Candidates,
  candidatesOf,
  countOf,
  forgetLeaves,
  maxCandidates,
  unionOf,
  wordsOf,
} from './candidates.ts';
export type { NamedCall } from './named-call.ts';
export type {
  AccessEvent,
  CallEvent,
  GapEvent,
  LeafObservation,
  ObserveEvent,
  OracleEvent,
  ViolationEvent,
} from './event.ts';
export type { Word } from './word.ts';
export { singly } from './run-write.ts';
export { type Guest, type Machine, pageAt, type Table } from './machine.ts';
export { everyRule, type Rule, ruleNamed, rulesOf } from './rule.ts';
export { verdictOf } from './verdict-of.ts';
export { stepWalk, type WalkEvent } from './step-walk.ts';
export { perform, predict, step, type Step } from './step.ts';
export type {
  AllowedOutcome,
  Difference,
  Need,
  Resync,
  RunWrite,
  SilentStep,
  Verdict,
  VerdictKind,
} from './verdict.ts';
