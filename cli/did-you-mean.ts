/** How many letters must be put in, taken out, changed or exchanged with the next to get from one word to the other. */
function distance(one: string, other: string): number {
  let [before, last] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let at = 1; at <= other.length; at++) {
      const same = one[row - 1] === other[at - 1] ? 0 : 1;
      const swapped = one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      current.push(
        Math.min(
          (last[at] ?? 0) + 1,
          (current[at - 1] ?? 0) + 1,
          (last[at - 1] ?? 0) + same,
          swapped ? (before[at - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, current];
  }
  return last[other.length] ?? 0;
}

/** What a misspelt name was likely meant to be, as the end of a sentence; nothing where no name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const small = name.toLowerCase();
  const near = known
    .map(word => ({ word, far: distance(small, word.toLowerCase()) }))
    .filter(({ word, far }) => far <= Math.max(1, Math.floor(Math.max(word.length, small.length) / 3)))
    .sort((one, other) => one.far - other.far);
  const begun = known.find(word => small.length > 1 && word.toLowerCase().startsWith(small));
  const meant = near[0]?.word ?? begun;
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
