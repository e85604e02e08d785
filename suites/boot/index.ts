export { bootCases, type BootCases } from './cases.ts';
export { caseTable } from './case-table.ts';
export { bootPlaces, unbootable } from './places.ts';
