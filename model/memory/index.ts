export { type MemoryWrite, type PhysicalMemory, type SparseMemory, sparseMemory } from './memory.ts';
export { physicalLimit } from './physical-limit.ts';
