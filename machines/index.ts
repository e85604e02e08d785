export { answersDrawn, svmNestedState, vmxNestedState, vmxNestedState2019 } from './nested-state/index.ts';
export { type PageContext, type PageEvent, pageOwnership } from './page-ownership.ts';
export { type LifeEvent, vmLifecycle } from './vm-lifecycle.ts';
export { sppPage, type SppPageEvent } from './spp-page.ts';
export { eptWalk, type EptWalkEvent, eptWalkEvents } from './ept-walk.ts';
export {
  type EptLeafEvent,
  type SpptEntryEvent,
  type SpptVectorEvent,
  sppWalk,
  type SppWalkEvent,
  sppWalkEvents,
} from './spp-walk.ts';
export { type CallContext, type CallEvent, hypercall } from './hypercall.ts';
