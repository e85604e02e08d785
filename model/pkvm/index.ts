export { type Fault, withFaults } from '../fault.ts';
export {
  BLOCK_SIZE,
  type BlockKind,
  blockKind,
  blockOf,
  pageInBlock,
  PkvmBlock,
  splitLeaf,
  tableEntry,
} from './block.ts';
export { type ArgumentCheck, argumentChecks } from './arguments.ts';
export { call } from './call.ts';
export {
  type Check,
  donateChecks,
  leafChecks,
  type PageOfCall,
  shareChecks,
  unshareChecks,
} from './check.ts';
export { type Contents, ownerOfSecret, secretOf } from './contents.ts';
export {
  guestEptViolation,
  type GuestRange,
  hostEptViolation,
  invalidateRange,
  mmioLeaf,
  teardownRange,
} from './entry-point.ts';
export {
  isOperationFault,
  type OperationFaultName,
  type PkvmFaultName,
  pkvmFaults,
  pkvmFaultsNamed,
  rulesWith,
  writeFaults,
} from './faults/index.ts';
export { type Flushes, flushesFor } from './flush.ts';
export { guardedLeaf, isGuarded, openLeaf } from './guard.ts';
export {
  annotation,
  guestLeaf,
  hostLeaf,
  isGuestId,
  isMappableProt,
  type LeafView,
  NEVER_MAPPED,
  OwnerId,
  PageState,
  PkvmAnnotation,
  PkvmLeaf,
  PROT_RWX,
  type Prot,
  showLeaf,
  viewOf,
  withState,
} from './leaf.ts';
export {
  type CallArguments,
  isOperationName,
  type Operation,
  type Operations,
  type OperationName,
  operationNames,
  operations,
} from './operations.ts';
export { type CallOutcome, Errno, errnoName, type LeafWrite } from './result.ts';
export type { CallRules, EntryPointRules, PkvmRules } from './rules.ts';
export { specified } from './specified.ts';
export { type AddressRange, firstOutsideRam, PAGE_SIZE, type PkvmTables, type Vm } from './tables.ts';
export { donate, type Party, share, type Transition, unshare } from './transition.ts';
export { type StepWrite, stepWrites, type WrittenField } from './write.ts';
