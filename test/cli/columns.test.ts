import { expect, test } from 'vitest';
import { columnLines, isStoryOfCpus } from '../../cli/print-columns.ts';
import type { Action, Slot, Trace } from '../../checker/index.ts';
import { isCpu } from '../../systems/pages/slot-is.ts';

const cpu = (name: string): Slot<string> => ({ name, initial: 'idle', is: isCpu });
const [cpu0, cpu1] = [cpu('cpu0'), cpu('cpu1')];
const lock: Slot<string> = { name: 'lock', initial: 'free' };
const action = (actor: string, name: string): Action => ({ actor, name, args: {}, run: () => 'ok' });
const step = (
  actor: string,
  name: string,
  ...changed: readonly (readonly [Slot<string>, string])[]
): Trace['steps'][number] => ({
  action: action(actor, name),
  result: 'ok',
  changes: changed.map(([slot, after]) => ({ slot, before: slot.initial, after })),
});

test('a story of several CPUs has a column for each, and says where each stands at the end', () => {
  const trace: Trace = {
    shortest: true,
    steps: [
      step('cpu0', 'take', [lock, 'cpu0'], [cpu0, 'holds it']),
      step('cpu1', 'try', [cpu1, 'waits']),
      step('guest2', 'write', [lock, 'free']),
    ],
  };
  expect(isStoryOfCpus(trace)).toBe(true);
  const show = { call: ({ action: { name } }: Trace['steps'][number]) => name, result: () => '' };
  expect(columnLines(trace, show)).toEqual([
    '     cpu0                 | cpu1',
    '  1  take                 |',
    '       lock: free -> cpu0 |',
    '  2                       | try',
    '  3  guest2: write        |',
    '       lock: free -> free |',
    '     at the end cpu0 is holds it',
    '     at the end cpu1 is waits',
  ]);
});

test('a story of one CPU is told line by line', () => {
  expect(
    isStoryOfCpus({ shortest: true, steps: [step('cpu0', 'take', [lock, 'cpu0'], [cpu0, 'holds it'])] }),
  ).toBe(false);
});
