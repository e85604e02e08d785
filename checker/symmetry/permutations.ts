/** `permutation[i]` is the place that member `i` goes to. */
export type Permutation = readonly number[];

/** All permutations of `size` members, the identity first. */
export function permutations(size: number): readonly Permutation[] {
  if (size === 0) return [[]];
  return Array.from({ length: size }, (_, first) => first).flatMap(first =>
    permutations(size - 1).map(rest => [first, ...rest.map(place => (place < first ? place : place + 1))]),
  );
}

/** First `inner`, then `outer`. */
export const compose = (outer: Permutation, inner: Permutation): Permutation =>
  inner.map(place => outer[place] as number);

export function inverse(permutation: Permutation): Permutation {
  const back = permutation.map(() => 0);
  permutation.forEach((place, member) => (back[place] = member));
  return back;
}
