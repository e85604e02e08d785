export { type Arm64Arguments, type Arm64Call, arm64CallOf, type Arm64Unit } from './call-context.ts';
export { arm64Call, type Arm64Rules, arm64RulesOf, hasOperation } from './call.ts';
export { type Arm64Columns, type Arm64Revision, arm64Revisions } from './columns.ts';
export {
  arm64Record,
  arm64StateName,
  guestAnnotation,
  hostLeaf as arm64HostLeaf,
  hypAnnotation,
  KvmProt,
  pageRecordOf as arm64RecordOf,
  poisoned,
  RWX,
  showArm64Record,
  showStage2Leaf,
  stage2Leaf,
  type Stage2LeafLevel,
  stage2Value,
} from './leaf.ts';
export type { Arm64Machine, Arm64Vm } from './machine.ts';
export { type Arm64OperationName, arm64OperationNames } from './operation-names.ts';
export type { Arm64Operation } from './operations/hyp.ts';
export { arm64Operations } from './operations/index.ts';
export { type Arm64Table, type Stage2Leaf, Stage2Radix } from './table.ts';
export {
  type Arm64TableMemory,
  type Arm64World,
  type Arm64WorldOptions,
  createArm64World,
} from './world.ts';
export { arm64Selftest, runArm64Selftest, type SelftestState, type SelftestStep } from './selftest.ts';
