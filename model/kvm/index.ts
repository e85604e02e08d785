export type { Cell, CellValue, State, View } from './cell.ts';
export { initialState, scratch } from './cell.ts';
export { correctSteps, normativeRevision } from './correct-steps.ts';
export { Errno, type ErrnoName, errnoText, failure } from './errno.ts';
export { Ioc, IocDirection, KVMIO, kvmIor, kvmIow } from './ioc.ts';
export type {
  EnableConditions,
  FaultingVcpu,
  FrameRange,
  Handling,
  Install,
  Kvm,
  KvmDecisions,
  KvmRevision,
  SetRequest,
  Section,
  SetSection,
  Steps,
} from './kvm.ts';
export { type Revision, revision, type RevisionName, revisions } from './revision.ts';
export {
  checkExtension,
  EXIT_REASON_SPP,
  KVM_EXIT_MMIO,
  KVM_EXIT_UNKNOWN,
  SPP_CAPABILITY_MSR_BIT,
  SPP_CONTROL_BIT,
  type SppIoctls,
  sppIoctls,
  SPPTP_ENCODING,
} from './spp-numbers.ts';
export { isShadowPresent, KvmSpte, KvmSpte53, plainLeaf, protectedLeaf } from './spte.ts';
export {
  type CopiedArgument,
  type CopyConditions,
  type CopyFromUser,
  copySubpageArgument,
  subpageReply,
  userBuffer,
} from './subpage-argument.ts';
export {
  decodeSppExit,
  encodeSppExit,
  encodeSubpageArgument,
  KvmRunHead,
  KvmRunSpp,
  KvmRunSppAddress,
  KvmSubpage,
  KvmSubpageFixed,
  KvmSubpageInfo,
  type SubpageArgument,
} from './subpage-struct.ts';
export {
  FULL_VECTOR,
  permitsWrite,
  spread,
  SubPageBitmap,
  subPageNumbers,
  vectorDenying,
} from './vector.ts';
export type { GuestAccess } from './access.ts';
export { makeVm, type MemslotState, type Vm, type VmShape } from './vm.ts';
export { subpageHistory } from './subpage-history.ts';
export { completeAccess, cpuOf, executeAccess, walk } from './guest-access.ts';
export { completeEmulated, denyEmulated, handleExit, runAgain, skipAndRun } from './handle-exit.ts';
export {
  eptPageTable,
  gfnOf,
  gpaOf,
  hostPage,
  indexInTable,
  regionOf,
  spptL1Page,
  spptRoots,
} from './host-memory.ts';
export { addMemslot, deleteMemslot } from './memslot.ts';
export { installLeaf, isDenied, mapFault, mappingLevel } from './page-fault.ts';
export { type PageLife, pageLife, regionIsBuilt } from './page-life.ts';
export { memoryOf, shadowAddresses, shadowLeaf, type ShadowLeaf, store, zapFrame } from './page-tables.ts';
export { createVcpu, freeRoots, loadSpp } from './roots.ts';
export { mayStart, nextSection, runSection, type SectionedIoctl } from './sections.ts';
export { type Settled, settle } from './settle.ts';
export { framesOfRegion, isProtected, spptEntryAddress } from './sppt.ts';
export { framesOf, getAccess, hasVector } from './subpage-access.ts';
export { getDirtyLog, loggingSections, stopLogging, trackAccess, writeProtected } from './tracking.ts';
export type { VcpuCells, VcpuPhase } from './vcpu.ts';
export type { FrameCells, MemslotCells, OtherVmCells } from './vm.ts';
export type { Word } from './words.ts';
export { allocateVectors, enable, requestLoad } from './enable.ts';
export { allocateRoot, freeSppt, invalidateRegion, rebuildRegion } from './sppt.ts';
