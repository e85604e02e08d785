import { describe, expect, test } from 'vitest';
import { enumerate } from '../../checker/index.ts';
import { fromStates } from '../../graphs/from-states.ts';
import { viewsOf } from '../../graphs/views.ts';
import { hypercallSmp } from '../../systems/hypercall-smp/index.ts';
import { ownership } from '../../systems/ownership/index.ts';
import type { SystemFamily } from '../../systems/system.ts';

/** The boxes of the first page, in every reachable state. */
function boxesOf(family: SystemFamily, name: string, mutant?: string): string[] {
  const profile = family.profiles.find(each => each.name === name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  const system = family.build(profile.parameters, mutant);
  const [view] = viewsOf(system);
  if (view === undefined) throw new Error('there is no view');
  const { nodes } = fromStates(system, enumerate(system, 10_000), view);
  return nodes.map(({ id }) => id).sort();
}

const boxes = ['donated_to_guest', 'donated_to_hyp', 'init', 'shared_back_to_host', 'shared_with_guest'];

describe('words that are in no box of the picture', () => {
  test('are inside a call, and no contradiction, while that call holds a lock', () => {
    expect(boxesOf(hypercallSmp, '2c1p')).toEqual([...boxes, 'inside a call'].sort());
  });

  test('contradict one another where nobody holds a lock', () => {
    expect(boxesOf(ownership, '1p1g1k', 'B2')).toContain('no box of the protocol');
    expect(boxesOf(ownership, '1p1g1k')).toEqual(boxes);
  });
});
