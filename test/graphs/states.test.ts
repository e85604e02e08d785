import { describe, expect, test } from 'vitest';
import { enumerate } from '../../checker/index.ts';
import { fromStates, fullView, type View } from '../../graphs/from-states.ts';
import { neighbourhood } from '../../graphs/neighbourhood.ts';
import { cupboard, door, visits } from './sample-system.ts';

const all = enumerate(cupboard, 100);

describe('a state space as a graph', () => {
  test('has every state and every transition, each kind only where asked for', () => {
    const everything = { refused: true, loops: true, args: true };
    const full = fromStates(cupboard, all, fullView(cupboard.slots), everything);
    expect(full.nodes).toHaveLength(all.states.length);
    // the two actors' open(gently) are two transitions of one call
    expect(full.edges.length).toBeLessThan(all.edges.length);
    const legal = fromStates(cupboard, all, fullView(cupboard.slots), { args: true });
    expect(legal.edges).toEqual(
      full.edges.filter(({ refused, from, to }) => refused !== true && from !== to),
    );
    expect(full.edges.filter(({ result }) => result === '-22').length).toBeGreaterThan(0);
  });

  test('seen through a view is its quotient: classes for boxes, calls that change the class for edges', () => {
    const byDoor: View = {
      name: 'door',
      about: 'open or closed',
      box: read =>
        read(door) ? { id: 'open', label: 'open', tone: 'shared' } : { id: 'closed', label: 'closed' },
    };
    const quotient = fromStates(cupboard, all, byDoor);
    expect(quotient.initial).toBe('closed');
    expect(quotient.nodes.map(({ id }) => id)).toEqual(['closed', 'open']);
    expect(quotient.edges.map(({ from, event, to }) => `${from} --> ${to} : ${event}`)).toEqual([
      'closed --> open : open',
      'open --> closed : take',
    ]);
  });
});

describe('a neighbourhood', () => {
  const initial = cupboard.slots.map(slot => slot.initial);

  test('holds what legal calls reach in so many steps, and the calls among those states', () => {
    const near = neighbourhood(cupboard, initial, { steps: 2, limit: 100 });
    const depth = near.states.map(state => state[cupboard.slots.indexOf(visits)]);
    // closed; opened by either; closed again with either word, whoever opened it
    expect(near.states).toHaveLength(1 + 2 + 4);
    expect(Math.max(...depth.map(Number))).toBe(1);
    expect(near.edges.every(({ result }) => result === 0)).toBe(true);
  });

  test('with a limit has at most so many states and no edge that leaves them', () => {
    const near = neighbourhood(cupboard, initial, { steps: 9, limit: 3 });
    expect(near.states).toHaveLength(3);
    expect(near.edges.every(({ to }) => to < 3)).toBe(true);
  });

  test('with steps for all is the whole legal state space', () => {
    expect(neighbourhood(cupboard, initial, { steps: 99, limit: 100 }).states).toHaveLength(
      all.states.length,
    );
  });
});
