export {
  BLOCK_SIZE,
  type BlockKind,
  blockKind,
  blockOf,
  pageInBlock,
  PkvmBlock,
  splitFaults,
  splitLeaf,
  tableEntry,
} from './block.ts';
export { type Check, donateChecks, type PageOfCall, shareChecks, unshareChecks } from './check.ts';
export { type Contents, ownerOfSecret, secretOf } from './contents.ts';
export {
  type ArgumentCheck,
  argumentChecks,
  asSpecified,
  type Behaviour,
  behaviours,
  type Deviations,
  leafChecks,
  stepWrites,
  writeFault,
} from './deviation.ts';
export {
  type EntryPointFault,
  entryPointFaults,
  guestEptViolation,
  type GuestRange,
  hostEptViolation,
  invalidateRange,
  mmioLeaf,
  teardownRange,
} from './entry-point.ts';
export { type Flushes, flushesFor } from './flush.ts';
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
export { type CallArguments, call, type OperationName, operationNames, operations } from './operations.ts';
export { type CallOutcome, Errno, errnoName, type LeafWrite } from './result.ts';
export { type AddressRange, firstOutsideRam, PAGE_SIZE, type PkvmTables, type Vm } from './tables.ts';
export { donate, type Party, share, type Transition, unshare } from './transition.ts';
export type { StepWrite, WrittenField } from './write.ts';
