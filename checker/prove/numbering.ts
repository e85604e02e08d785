/** Members numbered in the order in which they come. */
export function numbering(names: readonly number[]): readonly number[] {
  const numbers = new Map<number, number>();
  return names.map(name => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
}
