/** A system to start from: two people at one door, small enough to count its states by hand. */
export const exampleSystem = (
  name: string,
): string => `import type { Action, Property, Slot } from 'pagewarden/checker';
import { count, type Mutant, system } from 'pagewarden/systems';

/*
 * People want into a room that one of them at a time may be in. Run it with
 *
 *   pagewarden check ./${name}.ts                 every state, every sentence
 *   pagewarden check ./${name}.ts --set people=4  another size
 *   pagewarden mutants ./${name}.ts               is each sentence worth something?
 *   pagewarden graph states ./${name}.ts          a picture
 */

/** What can be wrong. A fault is put in by --mutant, and some sentence must notice. */
const faults: readonly Mutant[] = [
  { name: 'no lock', about: 'enters without asking whether the room is free', source: 'the plan' },
];

export default system({
  name: '${name}',
  about: 'people who enter a room one at a time',
  // what --set accepts, with ranges; \`size\` below has its values, typed
  size: { people: count(2, 5, 'people') },
  profiles: [
    {
      name: 'two',
      about: 'two people',
      parameters: { people: 2 },
      isDefault: true,
      pinned: { states: 3, because: 'nobody is in the room, or one of the two' },
    },
  ],
  faults,
  build({ people }, [fault]) {
    // the state is slots that hold primitive values
    const inside: readonly Slot<boolean>[] = Array.from({ length: people }, (_, at) => ({
      name: \`person \${at} is inside\`,
      initial: false,
    }));

    // an action is a function of what it reads; a negative result is a refusal and must change nothing
    const enter = (slot: Slot<boolean>, at: number): Action => ({
      name: 'enter',
      actor: \`person \${at}\`,
      args: {},
      run(read, write) {
        const isTaken = fault?.name !== 'no lock' && inside.some(other => read(other));
        if (isTaken || read(slot)) return -1;
        write(slot, true);
        return 0;
      },
    });
    const leave = (slot: Slot<boolean>, at: number): Action => ({
      name: 'leave',
      actor: \`person \${at}\`,
      args: {},
      run(read, write) {
        if (!read(slot)) return -1;
        write(slot, false);
        return 0;
      },
    });

    // sentences: true in every state; true in some state, so that the first is not true of nothing
    const properties: readonly Property[] = [
      {
        kind: 'always',
        id: 'R1',
        name: 'at most one person is inside',
        source: 'the plan',
        instances: [{ about: '', holds: read => inside.filter(slot => read(slot)).length <= 1 }],
      },
      {
        kind: 'sometimes',
        name: 'somebody is inside',
        source: 'the plan',
        instances: inside.map(slot => ({ about: slot.name, holds: read => read(slot) })),
      },
    ];
    return { slots: inside, actions: [...inside.map(enter), ...inside.map(leave)], properties };
  },
});
`;

/** A test of it that needs nothing but Node. */
export const exampleTest = (name: string): string => `import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

const pagewarden = (...args) =>
  spawnSync('npx', ['--no', 'pagewarden', ...args], { cwd: import.meta.dirname, encoding: 'utf8' });

test('every sentence holds in every state', () => {
  const { status, stdout } = pagewarden('check', './${name}.ts', '--json');
  const { result, states } = JSON.parse(stdout);
  assert.deepEqual([status, result, states], [0, 'pass', 3]);
});

test('every fault is noticed', () => {
  assert.equal(pagewarden('mutants', './${name}.ts').status, 0);
});
`;
