export { auditCounted, type CountedAudit } from './counted/audit.ts';
export type { RecordArray } from './counted/records.ts';
export { type Anomaly } from './anomalies.ts';
export { audit, type Audit, type AuditInput, type OwnedRange } from './audit.ts';
export { type LeafRange, rangesOf, type TableKind } from './ranges.ts';
export { type MissingTable } from './read-pages.ts';
export { readTable, type TableLeaf, type TableReading } from './read-table.ts';
export { readSppt, type SpptReading } from './read-sppt.ts';
