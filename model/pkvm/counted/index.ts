export { type Call, callOf, type CountedArguments, type Unit } from './call-context.ts';
export { countedCall } from './call.ts';
export type { Answer, CheckInfo, CountedCheck, Failure, Inquiry } from './check.ts';
export { type Columns, type X86Revision, x86Revisions } from './columns.ts';
export type { Effects } from './effects.ts';
export type { Change, Leaf, LeafTable, Range, Run, TablePages } from './leaf-table.ts';
export {
  annotationOf,
  CountedAnnotation,
  CountedBlock,
  CountedGigantic,
  CountedLeaf,
  guestProt,
  hostProt,
  isStaleAfter,
  type LeafValue,
  leafValue,
  type Level,
  mappingWord,
  type Prot,
  protOf,
  showCountedLeaf,
  withState,
} from './leaf-word.ts';
export type { AddressRange, CountedMachine, CountedVm } from './machine.ts';
export { type CountedOperationName, countedOperationNames, type Operation } from './operation.ts';
export { memcacheNeed } from './operations/guest-calls.ts';
export { countedOperations } from './operations/index.ts';
export {
  BUG,
  CountedErrno,
  countedErrnoName,
  type CountedOutcome,
  type CountedResult,
  type Flush,
  type Wipe,
} from './outcome.ts';
export { COUNT_MAX, hostOwned, PkvmPage, type PageRecord, recordOf, showRecord } from './page-record.ts';
export { CountedOwner, CountedState, ownerName, stateName } from './page-state.ts';
export { RadixTable } from './radix-table.ts';
export { type CountedRules, rulesOf } from './rules.ts';
export type { RunRules } from './run.ts';
export type { Step, StepFailure } from './step.ts';
export { type CountedWorld, createWorld, type TableMemory, type WorldOptions } from './world.ts';
