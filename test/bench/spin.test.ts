import { expect, test } from 'vitest';
import { inFolder } from '../../bench/command.ts';
import { askSpin, isUnknownCall, opinionSettings, spinIsMissing } from '../../bench/spin.ts';
import {
  type Action,
  disabled,
  learnRelations,
  type Relations,
  type Slot,
  type System,
} from '../../checker/index.ts';
import { claimsOf } from '../../graphs/claims.ts';
import { toPromela } from '../../graphs/promela.ts';
import { ownership } from '../../systems/ownership/index.ts';
import { diningPhilosophers, towersOfHanoi } from '../checker/toys.ts';
import { cupboard } from '../graphs/sample-system.ts';

const missing = spinIsMissing();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const ask = (relations: Relations): ReturnType<typeof askSpin> =>
  inFolder(folder => askSpin(toPromela(relations, 'test'), folder, opinionSettings));

/** A dial of 307 places, with a call that goes somewhere else from each of them and cannot be made from place 7. */
const place: Slot<number> = { name: 'place', initial: 1 };
const dial: System = {
  name: 'dial',
  slots: [place],
  actions: [
    { name: 'turn', actor: 'anyone', args: {}, run: turn(3) },
    { name: 'turn', actor: 'anyone', args: {}, run: turn(5) },
  ],
  properties: [],
};
function turn(by: number): Action['run'] {
  return (read, write) => {
    const now = read(place);
    if (now === 7) return disabled;
    write(place, (now * by) % 307);
    return 0;
  };
}

const systems: readonly (readonly [string, System])[] = [
  ['a system whose calls may be disabled', cupboard],
  ['a system with more outcomes of a call than SPIN takes in one step', dial],
  ['a system with a deadlock', diningPhilosophers(4)],
  ['a system that can always go on', towersOfHanoi(4)],
  ['ownership', ownership.build({ pages: 1, mmio: 1 })],
  ['ownership with a fault', ownership.build({ pages: 1, mmio: 1 }, 'B18')],
];

test.skipIf(missing !== undefined).each(systems)(
  'SPIN counts the same states and transitions of %s and gives the same verdicts',
  async (_, system) => {
    const relations = await learnRelations(system);
    const { states, transitions, failed, isComplete } = await ask(relations);
    expect(isComplete).toBe(true);
    expect(states).toBe(relations.found.states);
    expect(transitions).toBe(relations.found.transitions + 1);
    const broken = claimsOf(relations).flatMap(({ isBroken }, at) => (isBroken === true ? [at + 1] : []));
    expect([...failed].sort((a, b) => a - b)).toEqual(broken);
  },
);

test.skipIf(missing !== undefined)(
  'what was learned from a part of the states only makes SPIN say where it is unknown',
  async () => {
    const { failed } = await ask(await learnRelations(towersOfHanoi(4), { maxStates: 10 }));
    expect([...failed].some(isUnknownCall)).toBe(true);
  },
);

test.skipIf(missing !== undefined)('SPIN disagrees where a relation is false', async () => {
  const relations = await learnRelations(ownership.build({ pages: 1 }));
  const { states } = await ask({ ...relations, steps: relations.steps.slice(8) });
  expect(states).not.toBe(relations.found.states);
});
