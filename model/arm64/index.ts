export {
  AnnotationType,
  Arm64PageState,
  type Arm64PageStateName,
  arm64PageStateNames,
  HypPage,
  LeafState,
  OwnerAnnotation,
  pageRecordOf,
  type PageRecord,
  TypedAnnotation,
} from './annotation.ts';
export {
  type Attributes,
  attributesOf,
  entryShift,
  type Kind,
  kindOf,
  type Level as Stage2Level,
  outputOf,
  reservedBitsOf,
  rightsText,
  Stage2Block1G,
  Stage2Block1GLpa2,
  Stage2Block2M,
  Stage2Block2MLpa2,
  Stage2Block512GLpa2,
  Stage2Page,
  Stage2PageLpa2,
  Stage2Table,
  Stage2TableLpa2,
  tableOf,
} from './descriptor.ts';
export { type Arm64Kernel, type Arm64KernelName, arm64KernelNamed, arm64Kernels } from './kernel.ts';
export { type Stage2, stage2Of, type Stage2Result, Vtcr, Vttbr } from './registers.ts';
export { type Stage2Access, type Stage2Entry, type Stage2Outcome, translateStage2 } from './walk.ts';
