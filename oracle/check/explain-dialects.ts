import { type Dialect, dialects } from '../dialect/index.ts';
import { candidatesOf, type Machine, type OracleEvent, step } from '../step/index.ts';

/** How a prefix of events fares under one profile. */
export interface DialectReading {
  readonly dialect: string;
  /** Whether no event of the prefix is forbidden. */
  readonly allows: boolean;
  /** The first that is, counted from 0, and the rule. */
  readonly firstForbidden?: { readonly at: number; readonly rule: string };
}

/** Runs a forbidden prefix under every profile that ships: one that allows it says that it is a question of which. */
export function explainDialects(
  machine: Machine,
  events: readonly OracleEvent[],
  among: readonly Dialect[] = dialects,
): readonly DialectReading[] {
  return among.map(dialect => {
    let candidates = candidatesOf(machine, dialect);
    for (const [at, event] of events.entries()) {
      const { verdict, candidates: next } = step(candidates, event);
      if (verdict.verdict === 'forbidden')
        return { dialect: dialect.name, allows: false, firstForbidden: { at, rule: verdict.rule } };
      candidates = next;
    }
    return { dialect: dialect.name, allows: true };
  });
}
