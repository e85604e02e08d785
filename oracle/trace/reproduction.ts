import type { Implementation } from '../implementations/index.ts';
import { candidatesOf, type Machine, type NamedCall, perform } from '../step/index.ts';
import { shrink } from './shrink.ts';

/** The shortest way to show a divergence, and what the specification says to its last call. */
export interface Reproduction {
  readonly calls: readonly (NamedCall & { readonly ret: number })[];
}

/** The results of a list of calls by the specification; `undefined` where something is not known. */
function results(machine: Machine, implementation: Implementation, calls: readonly NamedCall[]) {
  let candidates = candidatesOf({ ...machine, initially: 'host owns all RAM' }, implementation);
  const outcomes = [];
  for (const call of calls) {
    const done = perform(candidates, call);
    if (done === undefined) return undefined;
    candidates = done.candidates;
    outcomes.push(done.outcome);
  }
  return outcomes;
}

/**
 * Shrinks the calls up to a divergence: the last one must still be decided by the same rule, with the
 * same result, for what it found in the same leaf.
 * `undefined` where replaying the calls does not come there, because the implementation had left the specification's
 * states before.
 */
export function reproduce(
  machine: Machine,
  implementation: Implementation,
  calls: readonly NamedCall[],
  decided: { readonly rule: string; readonly ret: number; readonly why: string },
): Reproduction | undefined {
  const isStillShown = (some: readonly NamedCall[]): boolean => {
    const last = results(machine, implementation, some)?.at(-1);
    return last?.rule === decided.rule && last.ret === decided.ret && last.why === decided.why;
  };
  if (!isStillShown(calls)) return undefined;
  const shortest = shrink(calls, isStillShown);
  const outcomes = results(machine, implementation, shortest) ?? [];
  return { calls: shortest.map((call, at) => ({ ...call, ret: outcomes[at]?.ret ?? 0 })) };
}
