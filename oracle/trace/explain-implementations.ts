import { type Implementation, implementations } from '../implementations/index.ts';
import { candidatesOf, type Machine, type OracleEvent, step } from '../step/index.ts';

/** How a prefix of events fares as one implementation. */
export interface ImplementationReading {
  readonly implementation: string;
  /** Whether no event of the prefix is forbidden. */
  readonly allows: boolean;
  /** The first that is, counted from 0, and the rule. */
  readonly firstForbidden?: { readonly at: number; readonly rule: string };
}

/** Runs a forbidden prefix as every implementation that ships: one that allows it says that it is a question of which. */
export function explainImplementations(
  machine: Machine,
  events: readonly OracleEvent[],
  among: readonly Implementation[] = implementations,
): readonly ImplementationReading[] {
  return among.map(implementation => {
    let candidates = candidatesOf(machine, implementation);
    for (const [at, event] of events.entries()) {
      const { verdict, candidates: next } = step(candidates, event);
      if (verdict.verdict === 'forbidden')
        return {
          implementation: implementation.name,
          allows: false,
          firstForbidden: { at, rule: verdict.rule },
        };
      candidates = next;
    }
    return { implementation: implementation.name, allows: true };
  });
}
