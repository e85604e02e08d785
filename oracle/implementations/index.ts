export { canonicalJson, type Implementation, implementationSchema, hashOf } from './implementation.ts';
export { implementationNamed, implementations, normative } from './implementations.ts';
