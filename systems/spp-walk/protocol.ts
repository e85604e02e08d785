import { type AnyActorLogic, type AnyMachineSnapshot, initialTransition, transition } from 'xstate';
import { eptWalk, type EptWalkEvent } from '../../machines/ept-walk.ts';
import { sppWalk, type SppWalkEvent } from '../../machines/spp-walk.ts';

/** A machine as a function from state and event to the next state, worked out once for each pair. */
export type Arrows<Event> = (state: string, event: Event) => string;

function arrowsOf<Event extends { readonly type: string }>(
  machine: AnyActorLogic,
): Arrows<Event> & { initial: string } {
  const [start] = initialTransition(machine) as [AnyMachineSnapshot, unknown];
  const snapshots = new Map<string, AnyMachineSnapshot>([[String(start.value), start]]);
  const known = new Map<string, string>();
  const go = (state: string, event: Event): string => {
    const key = `${state} ${JSON.stringify(event)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const from = snapshots.get(state);
    if (from === undefined) throw new Error(`${state} was never reached`);
    if (!from.can(event)) throw new Error(`${state} has no arrow for ${JSON.stringify(event)}`);
    const [next] = transition(machine, from, event) as [AnyMachineSnapshot, unknown];
    const value = String(next.value);
    snapshots.set(value, next);
    known.set(key, value);
    return value;
  };
  return Object.assign(go, { initial: String(start.value) });
}

/** The machine `ept-walk`, one step at a time. */
export const eptArrows = arrowsOf<EptWalkEvent>(eptWalk);
/** The machine `spp-walk`, one step at a time. */
export const sppArrows = arrowsOf<SppWalkEvent>(sppWalk);
