import { numbering } from './numbering.ts';
import type { Atom } from './atom.ts';

/**
 * What some atoms are together, whomever they name: the same text for two tuples exactly where a renaming of members
 * turns one into the other. Atoms of one head are tried in every order, and the least numbering counts.
 */
export function kindText(atoms: readonly Atom[]): string {
  const sorted = [...atoms].sort((one, other) => one.head - other.head);
  const heads = sorted.map(({ head }) => head).join();
  let least: string | undefined;
  for (const order of ordersWithinHeads(sorted)) {
    const text = numbering(order.flatMap(({ names }) => names)).join();
    if (least === undefined || text < least) least = text;
  }
  return `${heads}:${least ?? ''}`;
}

function* ordersWithinHeads(sorted: readonly Atom[]): Generator<readonly Atom[]> {
  const [first] = sorted;
  if (first === undefined) {
    yield [];
    return;
  }
  const alike = sorted.filter(({ head }) => head === first.head);
  const rest = sorted.slice(alike.length);
  for (const order of permutationsOf(alike))
    for (const others of ordersWithinHeads(rest)) yield [...order, ...others];
}

function* permutationsOf<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length <= 1) {
    yield items;
    return;
  }
  for (const [at, item] of items.entries())
    for (const rest of permutationsOf(items.filter((_, other) => other !== at))) yield [item, ...rest];
}

/** Every choice of `size` of the items, in order. */
export function* subsets<T>(items: readonly T[], size: number, from = 0): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let at = from; at <= items.length - size; at++)
    for (const rest of subsets(items, size - 1, at + 1)) yield [items[at] as T, ...rest];
}
