/**
 * The names that most callers need. Every room has an entry of its own with all of its names: `pagewarden/ept`,
 * `pagewarden/pkvm`, `pagewarden/checker` and the others in package.json.
 */
export {
  type Action,
  type Exploration,
  explore,
  type Instance,
  type Property,
  type Read,
  type Slot,
  type System,
  type Write,
} from './checker/index.ts';
export { sparseMemory } from './model/memory/index.ts';
export { cpuWith, guestAccess, type Outcome, translate } from './model/ept/index.ts';
export { annotation, guestLeaf, hostLeaf, PageState, showLeaf, viewOf } from './model/pkvm/index.ts';
export { audit, checkTrace, implementationNamed, Session } from './oracle/index.ts';
export { loadSystem, loadSystems, system, tryMutant } from './systems/index.ts';
