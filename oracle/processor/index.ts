export { checkProcessor, isProcessorRecord, type ProcessorReport } from './check.ts';
export type { DifferenceGroup, JudgedEntry } from './explain.ts';
