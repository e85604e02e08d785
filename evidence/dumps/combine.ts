import type { Dump } from './dump.ts';

/**
 * Several dumps of one moment as one: a word is what the first dump that holds it says. The command that fetches
 * more is the last dump's, the one that somebody is working with.
 *
 * @throws RangeError without a dump.
 */
export function combineDumps(dumps: readonly Dump[]): Dump {
  const last = dumps.at(-1);
  if (last === undefined) throw new RangeError('no dump to read');
  if (dumps.length === 1) return last;
  return {
    format: last.format,
    read: address => {
      for (const dump of dumps) {
        const word = dump.read(address);
        if (word !== undefined) return word;
      }
      return undefined;
    },
    ranges: dumps
      .flatMap(({ ranges }) => ranges)
      .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0)),
    fetch: page => last.fetch(page),
    notes: [...new Set(dumps.flatMap(({ notes }) => notes))],
  };
}
