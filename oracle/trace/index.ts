export { type CheckOptions, checkTrace, TraceChecker, type TraceReport } from './check-trace.ts';
export type { Finding, Group } from './findings.ts';
export { type ImplementationReading, explainImplementations } from './explain-implementations.ts';
export { reproduce, type Reproduction } from './reproduction.ts';
export { shrink } from './shrink.ts';
export { type TraceFormat, traceFormats } from './trace-line.ts';
