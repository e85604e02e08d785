import type { Decision } from '../checker/index.ts';

/** A predicate of a state over the codes of its slots: what every exported format can write. */
export type Formula =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'in'; readonly slot: number; readonly codes: readonly number[] }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Formula[] }
  | { readonly kind: 'not'; readonly of: Formula };

const constant = (value: boolean): Formula => ({ kind: 'constant', value });
export const not = (of: Formula): Formula =>
  of.kind === 'constant' ? constant(!of.value) : { kind: 'not', of };

function joined(kind: 'all' | 'any', of: readonly Formula[]): Formula {
  const neutral = kind === 'all';
  const parts = of.filter(part => part.kind !== 'constant' || part.value !== neutral);
  if (parts.some(part => part.kind === 'constant')) return constant(!neutral);
  const [only] = parts;
  if (only === undefined) return constant(neutral);
  return parts.length === 1 ? only : { kind, of: parts };
}
export const all = (of: readonly Formula[]): Formula => joined('all', of);
export const any = (of: readonly Formula[]): Formula => joined('any', of);

/** True where these slots hold one of these tuples of codes. */
export function seenIn(slots: readonly number[], seen: readonly (readonly number[])[]): Formula {
  const [slot] = slots;
  if (slots.length === 1 && slot !== undefined) return { kind: 'in', slot, codes: seen.flat() };
  return any(
    seen.map(tuple =>
      all(slots.map((each, at): Formula => ({ kind: 'in', slot: each, codes: [tuple[at] ?? 0] }))),
    ),
  );
}

/** Where a decision ends in one of these ways. False where what the slots hold was never seen. */
export function where<T>(decision: Decision<T>, is: (as: T) => boolean): Formula {
  if (decision.kind === 'decided') return constant(is(decision.as));
  return any(
    decision.branches.map(({ seen, then }) => all([seenIn(decision.slots, seen), where(then, is)])),
  );
}
