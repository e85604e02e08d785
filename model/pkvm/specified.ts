import { argumentChecks } from './arguments.ts';
import { splitLeaf } from './block.ts';
import { operations } from './operations.ts';
import { pageOf, pagesOf } from './range.ts';
import type { PkvmRules } from './rules.ts';
import { allOrNothing, carryOut } from './run.ts';

/** The rules of the specification. Seed 004; design.md, Normative choices; facts/pkvm.md 1.1, "Callers". */
export const specified: PkvmRules = {
  argumentChecks,
  operations,
  pagesOf,
  pageOf,
  over: allOrNothing,
  carryOut,
  operationFor: kind => (kind === 'protected' ? 'host_donate_guest' : 'host_share_guest'),
  isMappedAlready: (leaves, offered) => leaves.every(({ page }, at) => page === offered[at]),
  mayInvalidate: kind => kind === 'normal',
  unmapsAtTeardown: () => true,
  mapsLazily: what => what === 'mmio',
  splitLeaf,
};
