import { countedPageEntry } from './counted-page.ts';
import type { MachineEntry } from './entry.ts';
import { eptWalkEntry } from './ept-walk.ts';
import { guardedPageEntry } from './guarded-page.ts';
import { hypercallEntry } from './hypercall.ts';
import { nestedStateEntries } from './nested-state/index.ts';
import { pageOwnershipEntry } from './page-ownership.ts';
import { sppPageEntry } from './spp-page.ts';
import { sppWalkEntry } from './spp-walk.ts';
import { vmLifecycleEntry } from './vm-lifecycle.ts';

export { answersDrawn, svmNestedState, vmxNestedState, vmxNestedState2019 } from './nested-state/index.ts';
export { type CountedPageContext, type CountedPageEvent, countedPage } from './counted-page.ts';
export { type PageContext, type PageEvent, pageOwnership } from './page-ownership.ts';
export { guardedPageMachine, type GuardedPageEvent } from './guarded-page.ts';
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
export { type Arrow, arrowOf, initialState, type MachineState, type Taken } from './arrow.ts';
export type { MachineEntry, Tone } from './entry.ts';

/** Every machine there is: what `pagewarden graph machine` draws. */
export const machines: readonly MachineEntry[] = [
  pageOwnershipEntry,
  vmLifecycleEntry,
  eptWalkEntry,
  sppWalkEntry,
  sppPageEntry,
  guardedPageEntry,
  countedPageEntry,
  hypercallEntry,
  ...nestedStateEntries,
];
