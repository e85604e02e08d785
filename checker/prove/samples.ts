import { Sample } from './sample.ts';
import type { Counts, Sized } from './sized.ts';
import { type Language, Space } from './space.ts';

/** States up to which an instance counts as small. */
const SMALL = 20_000;

/**
 * Explores small instances: the one with one more member of each sort than it must have, if its states are few; else,
 * from the smallest on, one more member of one sort at a time, as long as they are. Only instances that no other one
 * contains are kept.
 */
export async function smallSamples(
  sized: Sized,
  language: Language,
  states = SMALL,
): Promise<readonly Sample[]> {
  const explore = (counts: Counts): Promise<Sample> =>
    Sample.of(new Space(sized.build(counts), language), { maxStates: states });
  const least = countsOf(sized, 0);
  const wanted = await explore(countsOf(sized, 1));
  if (wanted.isWhole) return [wanted];
  const explored = new Map<string, { readonly counts: Counts; readonly sample: Sample }>();
  const queue: Counts[] = [least];
  for (const counts of queue) {
    const key = JSON.stringify(counts);
    if (explored.has(key)) continue;
    const sample = await explore(counts);
    explored.set(key, { counts, sample });
    if (!sample.isWhole) continue;
    for (const { name } of sized.sorts)
      if (counts[name] === least[name]) queue.push({ ...counts, [name]: (counts[name] ?? 0) + 1 });
  }
  const whole = [...explored.values()].filter(({ sample }) => sample.isWhole);
  const isPart = (one: Counts, other: Counts): boolean =>
    one !== other && sized.sorts.every(({ name }) => (one[name] ?? 0) <= (other[name] ?? 0));
  const kept = whole.filter(({ counts }) => !whole.some(other => isPart(counts, other.counts)));
  return [...kept.map(({ sample }) => sample), wanted];
}

const countsOf = ({ sorts }: Sized, more: number): Counts =>
  Object.fromEntries(sorts.map(({ name, least = 1 }) => [name, least + more]));
