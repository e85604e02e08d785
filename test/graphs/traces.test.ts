import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stepFrom, type System, type Trace } from '../../checker/index.ts';
import { fromItf, toItf } from '../../graphs/itf.ts';
import { type RecordedTrace, recordTrace } from '../../graphs/recorded-trace.ts';
import { replay } from '../../graphs/replay.ts';
import { toSequence } from '../../graphs/sequence.ts';
import { cupboard } from './sample-system.ts';

/** The trace that these action indices take, disabled ones left out. */
function walk(system: System, indices: readonly number[]): Trace {
  let state = system.slots.map(slot => slot.initial);
  const steps = indices.flatMap((index): Trace['steps'] => {
    const action = system.actions[index % system.actions.length];
    const next = action && stepFrom(system, state, action);
    if (action === undefined || next === undefined) return [];
    const before = state;
    state = [...next.state];
    const changes = system.slots.flatMap((slot, at) => {
      const [was, is] = [before[at], state[at]];
      return was === undefined || is === undefined || was === is ? [] : [{ slot, before: was, after: is }];
    });
    return [{ action, result: next.result, changes }];
  });
  return { steps, shortest: false };
}

const origin = {
  system: 'cupboard',
  parameters: { shelves: 1 },
  mutant: 'no-lock',
  property: { name: 'the cat gets nothing', about: 'shelf', why: 'it got 7' },
};
const recorded = recordTrace(cupboard, walk(cupboard, [2, 0, 2, 1]), origin);
const throughText = (trace: RecordedTrace): RecordedTrace => fromItf(JSON.parse(toItf(trace)));

describe('ITF', () => {
  test('gives back what any trace of a system said: origin, calls, arguments, results and every value', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 12 }), indices => {
        const trace = walk(cupboard, indices);
        const again = throughText(recordTrace(cupboard, trace, origin));
        expect(again.calls.map(({ result }) => result)).toEqual(trace.steps.map(({ result }) => result));
        const { deviation, trace: ran } = replay(cupboard, again);
        expect(deviation).toBeUndefined();
        expect(ran.steps).toEqual(trace.steps);
        expect(again).toMatchObject(origin);
      }),
      { seed: 7 },
    );
  });

  test('writes integers as #bigint, and the call both as Quint does and with its result', () => {
    const itf = JSON.parse(toItf(recorded));
    expect(itf.vars).toEqual(['door', 'shelf', 'visits', 'last', 'mbt::actionTaken', 'mbt::nondetPicks']);
    expect(itf['#meta']).toMatchObject({ format: 'ITF', invariant: 'the cat gets nothing' });
    expect(itf.states[1]).toMatchObject({
      '#meta': { index: 1, call: { actor: 'cook', name: 'take', result: -22 } },
      shelf: { '#bigint': '9223372036854775809' },
      visits: { '#bigint': '0' },
      door: false,
      'mbt::actionTaken': 'take',
      'mbt::nondetPicks': { word: { '#bigint': '7' }, count: { '#bigint': '1' } },
    });
  });

  test('of another tool is refused by name of what is missing', () => {
    expect(() => fromItf({ '#meta': {}, vars: [], states: [] })).toThrow('system');
    const state = { '#meta': { index: 0 }, door: { '#set': [] } };
    const itf = { '#meta': { system: 'cupboard', parameters: {} }, vars: ['door'], states: [state] };
    expect(() => fromItf(itf)).toThrow('states[0].door: expected a boolean, a string or an integer');
  });
});

describe('a replay', () => {
  const change = (edit: Partial<RecordedTrace>): RecordedTrace => ({ ...recorded, ...edit });
  const [refusedTake, open] = recorded.calls;

  test('of calls alone needs no states', () => {
    expect(replay(cupboard, change({ states: [] })).deviation).toBeUndefined();
  });

  test('stops where a result is another', () => {
    const calls = recorded.calls.map((call, at) => (at === 1 ? { ...call, result: -13 } : call));
    const { deviation, trace } = replay(cupboard, change({ calls }));
    expect(deviation).toEqual({ kind: 'result', step: 2, expected: -13, found: 0 });
    expect(trace.steps).toHaveLength(2);
  });

  test('stops where a value is another, the initial state included', () => {
    const states = recorded.states.map((row, at) => (at === 3 ? [false, 8n, 1, 'cook'] : row));
    expect(replay(cupboard, change({ states })).deviation).toEqual({
      kind: 'value',
      step: 3,
      slot: 'shelf',
      expected: 8n,
      found: 7n,
    });
    expect(replay(cupboard, change({ states: [[true]], slots: ['door'] })).deviation?.step).toBe(0);
    expect(replay(cupboard, change({ states: [[1]], slots: ['lid'] })).deviation).toMatchObject({
      kind: 'value',
      found: 'no such slot',
    });
  });

  test('stops at a call that the system does not have, or that does not exist in the state', () => {
    const unknown = open === undefined ? [] : [{ ...open, args: { gently: false } }];
    expect(replay(cupboard, change({ calls: unknown, states: [] })).deviation).toEqual({
      kind: 'no such call',
      step: 1,
      found: 'cook: open(gently=false)',
    });
    const take = refusedTake === undefined ? [] : [refusedTake];
    const opened = open === undefined ? [] : [open];
    const calls = [...opened, ...take, ...opened, ...take, ...opened, ...take].map(call => ({
      ...call,
      result: 0,
    }));
    expect(replay(cupboard, change({ calls, states: [] })).deviation).toMatchObject({
      kind: 'disabled',
      step: 6,
    });
  });
});

describe('a sequence diagram', () => {
  test('has a lane for every actor, an arrow for every call and result, and a note for every change', () => {
    const text = { callee: 'cupboard', result: String, ending: 'the cat gets nothing: violated' };
    expect(toSequence(walk(cupboard, [2, 1]), text)).toBe(
      [
        'sequenceDiagram',
        '  actor cook as cook',
        '  actor cat as cat',
        '  participant cupboard as cupboard',
        '  cook->>cupboard: take(word=0x7, count=1)',
        '  cupboard--xcook: -22',
        '  cat->>cupboard: open(gently=true)',
        '  cupboard-->>cat: 0',
        '  Note over cupboard: door#58; false → true<br>last#58; nobody → cat',
        '  Note over cupboard: the cat gets nothing#58; violated',
        '',
      ].join('\n'),
    );
  });
});
