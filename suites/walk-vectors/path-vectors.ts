import { type Member, memberOf } from '../../model/memory/index.ts';
import { endingOfWalk } from '../../systems/spp-walk/every-word/ending.ts';
import { defaultSettings } from '../../systems/spp-walk/every-word/prove.ts';
import { type Setting, withFields } from '../../systems/spp-walk/every-word/settings.ts';
import { walkPaths } from '../../systems/spp-walk/every-word/walk-paths.ts';
import { vectorJson } from './vector-json.ts';

/** The vector of a memory that belongs to a path of this setting. */
export function vectorOfMember(
  id: string,
  { name, cpu, access }: Setting,
  { memory, named }: Member,
  ...tags: readonly string[]
): Record<string, unknown> {
  return vectorJson(id, [name, ...tags], {
    cpu: withFields(cpu, named),
    access,
    words: memory.words,
  });
}

/**
 * One vector a path of every setting: the smallest memory of those that a walk cannot tell apart. One after another,
 * in a fixed order; `sample` of them, spread evenly over the order, where not all are wanted.
 */
export function* pathVectors(
  sample?: number,
  settings: readonly Setting[] = defaultSettings(),
): Generator<Record<string, unknown>, void, undefined> {
  const isWanted = sample === undefined ? () => true : spread(sample, pathCount(settings));
  for (const setting of settings) {
    let number = 0;
    for (const { memory, outcome } of walkPaths(setting)) {
      number++;
      if (!isWanted()) continue;
      const member = memberOf(memory, 'smallest');
      yield vectorOfMember(`${setting.name}/${number}`, setting, member, endingOfWalk(outcome));
    }
  }
}

function pathCount(settings: readonly Setting[]): number {
  let count = 0;
  for (const setting of settings) for (const _ of walkPaths(setting)) count++;
  return count;
}

/** Says of one after another of `count` things whether it is among the `wanted` ones, which lie evenly. */
function spread(wanted: number, count: number): () => boolean {
  let at = 0;
  return () => {
    const before = Math.floor((at * wanted) / count);
    at++;
    return wanted >= count || Math.floor((at * wanted) / count) > before;
  };
}
