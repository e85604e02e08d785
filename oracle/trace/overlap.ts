import {
  type CallEvent,
  type Candidates,
  forgetLeaves,
  type ObserveEvent,
  type RunWrite,
  step,
  unionOf,
} from '../step/index.ts';

/** An event that took effect somewhere between two places of a log. */
export interface Span {
  readonly begin: number;
  readonly end: number;
  readonly event: CallEvent | ObserveEvent;
}

/** The orders in which calls that overlapped can have taken effect. */
export type Orders<S extends Span> =
  /** `order` is one of them; `after` is what is true after each of them. */
  | { readonly kind: 'found'; readonly order: readonly S[]; readonly after: Candidates }
  | { readonly kind: 'none' }
  /** There are more orders than are tried. */
  | { readonly kind: 'limit' };

/** At most so many steps are tried for calls that overlap. */
const maxTried = 4096;

/**
 * Looks for the orders that explain calls that overlapped: each takes effect at one moment between its begin and its
 * end. Every order that is allowed counts, for nobody knows which it was.
 */
export function ordersOf<S extends Span>(start: Candidates, spans: readonly S[]): Orders<S> {
  let tried = 0;
  let first: readonly S[] | undefined;
  const ends: Candidates[] = [];
  const touched: RunWrite[] = [];
  const search = (from: Candidates, left: readonly S[], done: readonly S[]): void => {
    if (left.length === 0) {
      first ??= done;
      ends.push(from);
      return;
    }
    const earliest = Math.min(...left.map(({ end }) => end));
    for (const next of left) {
      if (next.begin > earliest || tried >= maxTried) continue;
      tried++;
      const { verdict, candidates } = step(from, next.event);
      if (verdict.verdict === 'forbidden') continue;
      touched.push(...verdict.allowed.flatMap(({ writes }) => writes));
      search(
        candidates,
        left.filter(one => one !== next),
        [...done, next],
      );
    }
  };
  search(start, spans, []);
  if (tried >= maxTried) return { kind: 'limit' };
  const [after, ...others] = ends;
  if (first === undefined || after === undefined) return { kind: 'none' };
  return {
    kind: 'found',
    order: first,
    after: others.length === 0 ? after : forgetLeaves(unionOf(after, others), touched),
  };
}
