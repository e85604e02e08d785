import type { Check } from './check.ts';
import { normative, type WalkRules } from './rules.ts';

/**
 * One named way in which a walk departs from the specification: a reading (another way to understand the sources)
 * or a fault (what some walker got wrong). It replaces single answers; the walk itself stays the same code.
 */
export interface Departure {
  readonly name: string;
  /** What it does differently, in one sentence. */
  readonly about: string;
  /** Where it was seen, or which decision it leaves out. */
  readonly source: string;
  change(rules: WalkRules): Partial<WalkRules>;
}

/** The rules with these departures, the first applied first. */
export const rulesWith = (departures: readonly Departure[]): WalkRules =>
  departures.reduce<WalkRules>((rules, departure) => ({ ...rules, ...departure.change(rules) }), normative);

/** A list of checks without one of them. */
export function without<C extends Check<string, never>>(
  checks: readonly C[],
  name: C['name'],
): readonly C[] {
  const rest = checks.filter(check => check.name !== name);
  if (rest.length !== checks.length - 1) throw new RangeError(`there is no check named ${name}`);
  return rest;
}

/** A list of checks in which one answers differently. */
export function replacing<C extends Check<string, never>>(
  checks: readonly C[],
  name: C['name'],
  holds: C['holds'],
): readonly C[] {
  if (!checks.some(check => check.name === name)) throw new RangeError(`there is no check named ${name}`);
  return checks.map(check => (check.name === name ? { ...check, holds } : check));
}
