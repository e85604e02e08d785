import { arrowOf, initialState } from '../../machines/arrow.ts';
import type { MachineEntry } from '../../machines/entry.ts';
import { eptWalk, type EptWalkEvent } from '../../machines/ept-walk.ts';
import { sppWalk, type SppWalkEvent } from '../../machines/spp-walk.ts';

/** A walk's machine as a function: a walk comes only to entries that the machine has an arrow for. */
function walkBy<Event extends { readonly type: string }>(
  machine: MachineEntry['machine'],
): ((state: string, event: Event) => string) & { readonly initial: string } {
  const arrow = arrowOf(machine);
  const { state: start } = initialState(machine);
  const next = (value: string, event: Event): string => {
    const taken = arrow({ value, context: start.context }, event);
    if ('refused' in taken) throw new Error(`${value} has no arrow for ${JSON.stringify(event)}`);
    return String(taken.to.value);
  };
  return Object.assign(next, { initial: String(start.value) });
}

/** The machine `ept-walk`, one step at a time. */
export const eptArrows = walkBy<EptWalkEvent>(eptWalk);
/** The machine `spp-walk`, one step at a time. */
export const sppArrows = walkBy<SppWalkEvent>(sppWalk);
