import { getShortestPaths, getSimplePaths } from '@xstate/graph';
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import { stateValueName } from './from-machine.ts';

/** A path through a machine: the state it ends in, and the events that lead there in order. */
export interface MachinePath {
  readonly to: string;
  readonly events: readonly string[];
}

export interface PathOptions {
  /** Every event once: a list passed on replaces what the library would find, so a partial one hides states. */
  readonly events: readonly AnyEventObject[];
  /** How an event is written; its type where left out. */
  label?(event: AnyEventObject): string;
  /** What the machine is started with, where it asks for something. */
  readonly input?: unknown;
  /** The most states to visit before giving up. */
  readonly limit?: number;
}

/**
 * Above this many states a machine has more simple paths than anybody waits for: nine states have a thousand,
 * twenty-seven did not finish.
 */
export const simplePathStates = 12;

/**
 * The paths that `@xstate/graph` finds, without repeats: the shortest to every state, or all that visit no state twice.
 * States are told apart by their value and context, written as JSON.
 */
export function machinePaths(
  machine: AnyStateMachine,
  kind: 'shortest' | 'simple',
  { events, label, input, limit = 10_000 }: PathOptions,
): MachinePath[] {
  const find = kind === 'shortest' ? getShortestPaths : getSimplePaths;
  const paths = find(machine, { events: [...events], limit, input });
  const seen = new Set<string>();
  return paths.flatMap((path): MachinePath[] => {
    const taken = path.steps.map(step => step.event).filter(event => event.type !== 'xstate.init');
    const found = {
      to: stateValueName(path.state.value),
      events: taken.map(event => label?.(event) ?? event.type),
    };
    const key = JSON.stringify(found);
    if (seen.has(key)) return [];
    seen.add(key);
    return [found];
  });
}
