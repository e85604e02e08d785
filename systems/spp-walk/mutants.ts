import type { Mutant } from '../system.ts';
export const walkMutants: readonly Mutant[] = [];
