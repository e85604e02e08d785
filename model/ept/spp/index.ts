export { SppVector, SpptEntry, Spptp, sppVmcs } from './entry.ts';
export { type RefusedAccess, type SppCondition, sppConditions } from './eligibility.ts';
export { SppQualification } from './qualification.ts';
export { gatherVector, spreadVector } from './vector.ts';
export {
  permitsWrite,
  type SpptLevel,
  type SpptWalk,
  spptEntryClass,
  vectorReservedMask,
  walkSppt,
} from './walk.ts';
