import { plainGraph, type StateGraph, type System, type Value } from '../checker/index.ts';

/**
 * What surrounds a state: every state that legal calls reach from it in at most `steps` steps, nearest first, and the
 * calls among them. At most `limit` states; what lies beyond is left out.
 */
export const neighbourhood = (
  system: System,
  centre: readonly Value[],
  { steps, limit }: { readonly steps: number; readonly limit: number },
): StateGraph => plainGraph(system, { from: centre, depth: steps, limit, legalOnly: true });
