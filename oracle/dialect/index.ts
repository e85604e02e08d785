export { deviationNames, isDeviation } from './deviation-names.ts';
export { canonicalJson, type Dialect, dialectSchema, hashOf } from './dialect.ts';
export { dialectNamed, dialects, normative } from './dialects.ts';
