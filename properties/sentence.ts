import type {
  Always,
  Instance,
  Recoverable,
  Sometimes,
  Step,
  StepProperty,
  Verdict,
} from '../checker/index.ts';
import type { Origin } from './origin.ts';

export const always = (name: string, origin: Origin, instances: readonly Instance[]): Always => ({
  kind: 'always',
  name,
  ...origin,
  instances,
});

export const sometimes = (name: string, origin: Origin, instances: readonly Instance[]): Sometimes => ({
  kind: 'sometimes',
  name,
  ...origin,
  instances,
});

export const eachStep = (
  name: string,
  origin: Origin,
  holds: (step: Step) => boolean | Verdict,
): StepProperty => ({ kind: 'step', name, ...origin, holds });

export const recoverable = (name: string, origin: Origin, instances: readonly Instance[]): Recoverable => ({
  kind: 'recoverable',
  name,
  ...origin,
  instances,
});

/** Holds, or fails because of the first conjunct that is false. */
export function all(conjuncts: readonly (readonly [boolean, string])[]): Verdict {
  const failed = conjuncts.find(([holds]) => !holds);
  if (failed === undefined) return { holds: true };
  const at = conjuncts.indexOf(failed) + 1;
  const place = conjuncts.length > 1 ? `conjunct ${at} of ${conjuncts.length} is false: ` : '';
  return { holds: false, why: place + failed[1] };
}
