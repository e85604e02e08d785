import type { PropertyOutcome } from '../system/exploration.ts';

/**
 * What an explored verdict is worth: it is about the size that was explored and about no other, and `partial` where
 * even that was not gone through. What was violated or reached stands on a path, however little was explored.
 */
export type ExploredLabel = 'this profile' | 'partial';

export const exploredLabel = ({ verdict }: Pick<PropertyOutcome, 'verdict'>): ExploredLabel =>
  verdict === 'undecided' ? 'partial' : 'this profile';
