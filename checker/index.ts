export {
  enumerate,
  initialState,
  isRefusal,
  keyOf,
  plainGraph,
  plainSearch,
  type PlainSearchOptions,
  type PlainStep,
  type StateGraph,
  stepFrom,
} from './system/plain.ts';
export { explore } from './explore.ts';
export { SymmetryRefused } from './symmetry/orbits.ts';
export { type SymmetryVerdict, verifySymmetry } from './verify-symmetry.ts';
export {
  explorationJson,
  type JsonValue,
  type TraceJson,
  type TraceStepJson,
  traceJson,
  valueJson,
} from './report/json.ts';
export { type ExploredLabel, exploredLabel } from './report/label.ts';
export type { ExploreOptions } from './options.ts';
export type { Progress } from './search/limits.ts';
export type {
  ActionCoverage,
  Bound,
  Disagreement,
  Exploration,
  PropertyOutcome,
  Trace,
  TraceStep,
} from './system/exploration.ts';
export { type Decision, type LearnedStep, learnRelations, type Relations } from './relations.ts';
export {
  type Action,
  type Always,
  disabled,
  type Instance,
  type Life,
  type Loops,
  type Member,
  type Property,
  type Ranges,
  type Read,
  type Recoverable,
  type Result,
  type Seen,
  type Shape,
  type Slot,
  type SlotIs,
  type Sometimes,
  type Sorts,
  type Step,
  type StepProperty,
  type Symmetry,
  type System,
  type Twin,
  type Value,
  type Verdict,
  type Write,
} from './system/system.ts';
export { collect, each, every, some } from './system/loops.ts';
export { membersOf } from './system/sorts.ts';
export type { Counts, Sized, SizedSort } from './prove/sized.ts';
export { type Proof, prove, type ProveOptions } from './prove/prove.ts';
export {
  type Head,
  type Obligations,
  obligationsOf,
  type ObligedStep,
  type Pattern,
  type Standing,
} from './prove/obligations.ts';
export { type SentenceVerdict, verdictsOf } from './prove/verdicts.ts';
