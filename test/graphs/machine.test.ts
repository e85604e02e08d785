import { describe, expect, test } from 'vitest';
import { and, not, setup } from 'xstate';
import { fromMachine, fromMachineRun } from '../../graphs/from-machine.ts';
import { edgeLabel, type LabelledGraph } from '../../graphs/labelled-graph.ts';
import { machinePaths } from '../../graphs/machine-paths.ts';

type Event =
  { type: 'share' } | { type: 'unshare' } | { type: 'donate'; scrubbed: boolean } | { type: 'end' };

/** A machine with all that a configuration can hold: guards with parameters, an else, a shared parent, a final state. */
const page = setup({
  types: { events: {} as Event },
  guards: {
    isScrubbed: (_, { scrubbed }: { scrubbed: boolean }) => scrubbed,
    isSafe: () => true,
  },
}).createMachine({
  id: 'page',
  initial: 'alive',
  states: {
    alive: {
      initial: 'owned',
      on: { end: { target: 'gone' } },
      states: {
        owned: {
          on: {
            share: { target: 'shared', guard: and(['isSafe', not('isSafe')]) },
            donate: [
              {
                target: 'shared',
                guard: {
                  type: 'isScrubbed',
                  params: ({ event }) => ({ scrubbed: event.type === 'donate' && event.scrubbed }),
                },
              },
              { target: 'owned' },
            ],
          },
        },
        shared: { on: { unshare: 'owned' } },
      },
    },
    gone: { type: 'final', description: 'the VM is no more' },
  },
});
const events: Event[] = [
  { type: 'share' },
  { type: 'unshare' },
  { type: 'donate', scrubbed: true },
  { type: 'donate', scrubbed: false },
  { type: 'end' },
];
const lines = (graph: LabelledGraph): string[] =>
  graph.edges.map(
    edge => `${edge.from} --> ${edge.to} : ${edgeLabel(edge)}${edge.refused === true ? ' x' : ''}`,
  );

describe('the graph of a machine', () => {
  test('has every state it can rest in and every transition of its configuration, guards included', () => {
    const graph = fromMachine(page);
    expect(graph.initial).toBe('alive.owned');
    expect(graph.nodes.map(({ id, final }) => [id, final === true])).toEqual([
      ['alive.owned', false],
      ['alive.shared', false],
      ['gone', true],
    ]);
    expect(lines(graph)).toEqual([
      'alive.owned --> alive.shared : share [and isSafe, not isSafe]',
      'alive.owned --> alive.shared : donate [isScrubbed]',
      'alive.owned --> alive.owned : donate [else]',
      'alive.owned --> gone : end',
      'alive.shared --> alive.owned : unshare',
      'alive.shared --> gone : end',
    ]);
  });

  test('when run has what the guards let through, and every event that a state does not take as refused', () => {
    expect(lines(fromMachineRun(page, events))).toEqual([
      'alive.owned --> alive.owned : share x',
      'alive.owned --> alive.owned : unshare x',
      'alive.owned --> alive.shared : donate',
      'alive.owned --> alive.owned : donate',
      'alive.owned --> gone : end',
      'alive.shared --> alive.shared : share x',
      'alive.shared --> alive.owned : unshare',
      'alive.shared --> alive.shared : donate x',
      'alive.shared --> alive.shared : donate x',
      'alive.shared --> gone : end',
      ...['share', 'unshare', 'donate', 'donate', 'end'].map(event => `gone --> gone : ${event} x`),
    ]);
  });
});

describe('the paths through a machine', () => {
  test('are the shortest to every state', () => {
    expect(machinePaths(page, 'shortest', { events })).toEqual([
      { to: 'alive.owned', events: [] },
      { to: 'alive.shared', events: ['donate'] },
      { to: 'gone', events: ['end'] },
    ]);
  });

  test('or all that come to no state twice', () => {
    expect(
      machinePaths(page, 'simple', { events }).map(({ to, events }) => `${events.join(' ')} > ${to}`),
    ).toEqual([' > alive.owned', 'donate > alive.shared', 'donate end > gone', 'end > gone']);
  });
});
