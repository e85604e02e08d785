import { expect } from 'vitest';
import type { Exploration, System, Trace, Value } from '../../checker/index.ts';
import { stepFrom } from '../../checker/index.ts';
import { keyOf, plainCheck } from './plain-check.ts';

/** The paths that an exploration tells, by property name, `twin` and `deadlock`. */
export function tracesOf({ properties, twin, deadlock }: Exploration): ReadonlyMap<string, Trace> {
  const found = new Map<string, Trace>();
  for (const outcome of properties)
    if (outcome.verdict === 'violated' || outcome.verdict === 'reached')
      found.set(outcome.property.name, outcome.trace);
  if (twin?.disagreement !== undefined) found.set('twin', twin.disagreement.trace);
  if (deadlock.trace !== undefined) found.set('deadlock', deadlock.trace);
  return found;
}

/** Runs a path with the real actions and returns the state it ends in; every step must do what the path says. */
export function replay(system: System, { steps }: Trace): readonly Value[] {
  let state: readonly Value[] = system.slots.map(slot => slot.initial);
  for (const { action, result, changes } of steps) {
    const step = stepFrom(system, state, action);
    expect(step?.result).toBe(result);
    const before = state;
    state = step?.state ?? [];
    const differing = system.slots.flatMap((slot, at) =>
      before[at] === state[at] ? [] : [{ slot, before: before[at], after: state[at] }],
    );
    expect(changes).toEqual(differing);
  }
  return state;
}

/** Every number and every verdict of the engine is what plain enumeration says, and every path runs. */
export function expectAgreement(system: System, exploration: Exploration): void {
  const plain = plainCheck(system);
  const { states, transitions, refused, perLevel, depth, coverage } = exploration;
  expect({ states, transitions, refused, perLevel }).toEqual({
    states: plain.states,
    transitions: plain.transitions,
    refused: plain.refused,
    perLevel: plain.perLevel,
  });
  expect(depth).toBe(plain.perLevel.length - 1);
  const traces = tracesOf(exploration);
  expect(new Map([...traces].map(([name, { steps }]) => [name, steps.length]))).toEqual(plain.shortest);
  for (const trace of traces.values()) replay(system, trace);
  const results = coverage.flatMap(({ name, results }) =>
    [...results].map(([result, { transitions: count }]) => [keyOf(name, result), count] as const),
  );
  expect(new Map(results)).toEqual(plain.results);
  expect(coverage.reduce((sum, { newStates }) => sum + newStates, 1)).toBe(states);
}
