/** How many ways to choose k of n. */
export const choose = (n: number, k: number): number => arrangements(n, k) / arrangements(k, k);

/** How many ways to place k different things in n places, one a place. */
export const arrangements = (n: number, k: number): number =>
  Array.from({ length: k }, (_, at) => n - at).reduce((product, factor) => product * factor, 1);
