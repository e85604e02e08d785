export { systemSuite, systemSuiteSchema } from './any-system.ts';
export { ownershipSuite } from './build.ts';
export { maxSuiteStates } from './cover.ts';
export { suiteAsC, suiteAsKunit, suiteAsKvmUnitTest } from './c.ts';
export { suiteAsJson, type SuiteJson, suiteSchema } from './json.ts';
export { suiteAsRust } from './rust.ts';
export { type Cover, covers, type Guarantee, type Suite, type SuiteStep, type SuiteTest } from './suite.ts';
export { suiteOfCalls } from './suite-of-calls.ts';
export { type Tour, type TourGraph, tourOf } from './tour.ts';
