import { type Source } from './citation.ts';

/**
 * One named way in which an implementation departs from the specification: a fault (wrong) or a reading (another way
 * to understand the sources). It replaces single answers of the rules `R` that a mechanism asks; the normative code
 * that asks them stays the same and names no fault.
 */
export interface Fault<R, N extends string = string> {
  readonly name: N;
  /** What it does differently, in one sentence. */
  readonly about: string;
  /** Where it was seen, or which check or write it leaves out. */
  readonly source: Source;
  /** The answers that differ, made from those of `rules`. */
  change(rules: R): Partial<R>;
}

/** The rules with these faults, the first applied first. */
export const withFaults = <R>(rules: R, faults: readonly Fault<R>[]): R =>
  faults.reduce<R>((changed, fault) => ({ ...changed, ...fault.change(changed) }), rules);

/** A list of checks without one of them. */
export function without<C extends { readonly name: string }>(
  checks: readonly C[],
  name: C['name'],
): readonly C[] {
  const rest = checks.filter(check => check.name !== name);
  if (rest.length !== checks.length - 1) throw new RangeError(`there is no check named ${name}`);
  return rest;
}

/** A list of checks in which one answers differently. */
export function replacing<C extends { readonly name: string; readonly holds: unknown }>(
  checks: readonly C[],
  name: C['name'],
  holds: C['holds'],
): readonly C[] {
  if (!checks.some(check => check.name === name)) throw new RangeError(`there is no check named ${name}`);
  return checks.map(check => (check.name === name ? { ...check, holds } : check));
}

/** Makes the faults of one mechanism: `const fault = faultOf<CallRules>()`. */
export const faultOf =
  <R>() =>
  <const N extends string>(
    name: N,
    about: string,
    source: Source,
    change: Fault<R>['change'],
  ): Fault<R, N> => ({ name, about, source, change });

/** A mechanism's faults by their names: a name that the table does not have is a type error. */
export const faultTable = <R, N extends string>(
  faults: readonly Fault<R, N>[],
): Readonly<Record<N, Fault<R, N>>> =>
  Object.fromEntries(faults.map(fault => [fault.name, fault])) as Record<N, Fault<R, N>>;
