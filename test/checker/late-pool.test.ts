import { expect, test } from 'vitest';
import { Expander } from '../../checker/search/expander.ts';
import { type Exploration, explore } from '../../checker/index.ts';
import type { Pool } from '../../checker/search/pool.ts';
import type { View } from '../../checker/search/shared.ts';
import { ownership } from '../../systems/ownership/index.ts';
import { counters } from './toys.ts';

/**
 * A thread that is as slow as can be: it expands a batch when it is waited for, and by then everything before it has
 * been committed and learned, with only the tables that there were when it was asked.
 */
function latePool(capacity: number): Pool & { readonly batches: number } {
  const pool = {
    capacity,
    batches: 0,
    submit(view: View, from: number, to: number) {
      pool.batches++;
      // a thread has the arrays of chunks as they were: the search goes on to add to its own
      const seen = { ...view, chunks: [...view.chunks], foundBy: [...view.foundBy] };
      const visits = new Int32Array(view.children.length);
      const expander = new Expander(seen, visits, new Int32Array(2 ** 18));
      let reached = from;
      return {
        get done() {
          reached = expander.collect(from, to);
          return Promise.resolve();
        },
        collected: () => ({ ...expander, reached, visits, numbers: view.numbers }),
        release: () => undefined,
      };
    },
    close: () => Promise.resolve(),
  };
  return pool;
}

const maxStates = 400_000;
const untimed = ({ seconds: _, ...rest }: Exploration): Omit<Exploration, 'seconds'> => rest;
const coupled = ownership.build({
  pages: 4,
  gpas: 3,
  protected: 2,
  normal: 2,
  range: 2,
  calls: 'matching',
});

test.each([
  ['counters', counters(7, 4, 4)],
  ['pages that meet', coupled],
])('a thread that sees only what was known when it was asked changes nothing: %s', async (_, system) => {
  const alone = untimed(await explore(system, { maxStates }));
  for (const capacity of [4, 32]) {
    const pool = latePool(capacity);
    expect(untimed(await explore(system, { maxStates, pool }))).toEqual(alone);
    expect(pool.batches).toBeGreaterThan(4);
  }
});

test('orbits are the same whoever looks for them', async () => {
  const alone = untimed(await explore(coupled, { symmetry: true }));
  const pool = latePool(4);
  expect(untimed(await explore(coupled, { symmetry: true, pool }))).toEqual(alone);
  expect(alone).toMatchObject({ result: 'pass', symmetry: { exchanges: 4 } });
  expect(pool.batches).toBeGreaterThan(2);
});
