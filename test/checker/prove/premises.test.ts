import { expect, test } from 'vitest';
import { type Member, type Property, prove, type Sized, verdictsOf } from '../../../checker/index.ts';
import { tiny } from './tiny.ts';

/** Doors that open one by one; how `open` depends on the door is what differs. */
const doors = (open: (door: Member, doors: readonly Member[]) => string): Sized =>
  tiny('doors', ['door'], ({ members, slot, call }) => {
    const all = members('door').map(of => ({ of, is: slot('is', 'shut', of) }));
    return {
      actions: all.map(({ of, is }) =>
        call('open', [of], (read, write) => {
          if (read(is) !== 'shut') return -1;
          write(is, open(of, members('door')));
          return 'ok';
        }),
      ),
      properties: [
        {
          kind: 'always',
          name: 'no door is broken',
          source: 'the zoo',
          instances: all.map(({ of, is }) => ({ about: of.name, holds: read => read(is) !== 'broken' })),
        },
      ],
    };
  });

const proven = async (sized: Sized) => {
  const proof = await prove(sized);
  return { proof, labels: verdictsOf(proof).map(({ label }) => label) };
};

test('calls that treat all members alike are proven, each step taken once more in a larger instance', async () => {
  const { proof, labels } = await proven(doors(() => 'open'));
  expect(labels).toEqual(['every size']);
  // `open` of a door that is shut and of one that is open, which is refused
  expect(proof.figures.replayed).toBe(2);
  expect(proof.unsound).toEqual([]);
});

test('a call that treats one member unlike the others is noticed where no sample is large enough to show it', async () => {
  // only one door is asked of, the first one: what the fifth does is what no proof goes through
  const { proof, labels } = await proven(doors(door => (door.at === 1 ? 'ajar' : 'open')));
  expect(labels).toEqual(['this instance']);
  expect(proof.unsound).toEqual(['open with other members: is of door 1 becomes something else']);
});

test('a call that looks at how many members there are is noticed', async () => {
  const { labels, proof } = await proven(doors((_, all) => (all.length > 4 ? 'broken' : 'open')));
  expect(labels).toEqual(['this instance']);
  expect(proof.unsound).toHaveLength(1);
});

test('a call that remembers something beside the slots is noticed', async () => {
  let calls = 0;
  const { labels } = await proven(doors(() => (calls++ % 2 === 0 ? 'open' : 'ajar')));
  expect(labels).toEqual(['this instance']);
});

test('a sentence that is asked of nothing is not proven', async () => {
  const sized = doors(() => 'open');
  const build: Sized['build'] = counts => {
    const system = sized.build(counts);
    const about: Property = { kind: 'always', name: 'of no door', source: 'the zoo', instances: [] };
    return { ...system, properties: [about, ...system.properties] };
  };
  const { labels } = await proven({ ...sized, build });
  expect(labels).toEqual(['not proven', 'every size']);
});
