import { type StateGraph, stepFrom, type System, type Value } from '../checker/index.ts';
import { isRefusal } from './from-states.ts';

/** Every slot's value in one string that no two states share. */
export const stateKey = (state: readonly Value[]): string =>
  state.map(value => `${typeof value}:${value}`).join('|');

/**
 * What surrounds a state: every state that legal calls reach from it in at most `steps` steps, nearest first, and the
 * calls among them. At most `limit` states; what lies beyond is left out.
 */
export function neighbourhood(
  system: System,
  centre: readonly Value[],
  { steps, limit }: { readonly steps: number; readonly limit: number },
): StateGraph {
  const states: (readonly Value[])[] = [centre];
  const found = new Map([[stateKey(centre), 0]]);
  const distance = [0];
  const edges: StateGraph['edges'][number][] = [];
  for (let from = 0; from < states.length; from++) {
    const isRim = (distance[from] ?? 0) >= steps;
    for (const action of system.actions) {
      const step = stepFrom(system, states[from] ?? centre, action);
      if (step === undefined || isRefusal(system, step.result)) continue;
      const key = stateKey(step.state);
      let to = found.get(key);
      if (to === undefined) {
        if (isRim || states.length >= limit) continue;
        to = states.push(step.state) - 1;
        found.set(key, to);
        distance.push((distance[from] ?? 0) + 1);
      }
      edges.push({ from, to, action, result: step.result });
    }
  }
  return { slots: system.slots, states, edges };
}
