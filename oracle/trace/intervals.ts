/** Something that took effect at one moment between two lines of a log. */
export interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** Every order in which these can have taken effect: one that had ended before another began comes before it. */
export function* ordersWithin<I extends Interval>(left: readonly I[]): Generator<readonly I[]> {
  if (left.length === 0) {
    yield [];
    return;
  }
  const earliest = Math.min(...left.map(({ end }) => end));
  for (const next of left) {
    if (next.begin > earliest) continue;
    const others = left.filter(one => one !== next);
    for (const order of ordersWithin(others)) yield [next, ...order];
  }
}
