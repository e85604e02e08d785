export { type MemoryWrite, type PhysicalMemory, type SparseMemory, sparseMemory } from './memory.ts';
export { physicalLimit } from './physical-limit.ts';
export {
  type Member,
  memberOf,
  type ObservedMemory,
  observedMemory,
  sizeOf,
  standIn,
  tracedMemory,
} from './observed-memory.ts';
